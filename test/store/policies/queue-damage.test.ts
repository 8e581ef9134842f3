import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DatabaseSync } from "@photostructure/sqlite";
import { describe, expect, it, onTestFinished } from "vitest";
import { drain } from "../../../src/store/policies/queue/drain.ts";
import { QueuedStore } from "../../../src/store/policies/queue/queued.ts";
import { repairQueue } from "../../../src/store/policies/queue/repair.ts";
import { WriteQueue } from "../../../src/store/policies/queue/write-queue.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";
import { idsIn, memoryStore, servedStore } from "./stores.ts";

const target = "https://index.example";
const never = new AbortController().signal;

const document = (id: string, text = `text of ${id}`) => ({ id, text, metadata: {} });

/** A queue with one write for each id. */
function filled(ids: readonly string[], path = join(temporaryDirectory(), "queue.sqlite")): WriteQueue {
  const queue = new WriteQueue({ path });
  onTestFinished(() => queue.close());
  for (const id of ids) queue.add(target, "", { operation: "upsert", documents: [document(id)] }, "down");
  return queue;
}

function execute(queue: WriteQueue, sql: string): void {
  const database = new DatabaseSync(queue.path);
  database.exec(sql);
  database.close();
}

describe("a damaged entry of the write queue", () => {
  it.each([
    ["its payload is cut", "UPDATE writes SET payload = substr(payload, 1, 40) WHERE sequence = 2"],
    [
      "a letter of it is another",
      "UPDATE writes SET payload = replace(payload, 'text', 'tezt') WHERE sequence = 2",
    ],
    ["its namespace is another", "UPDATE writes SET namespace = 'x' WHERE sequence = 2"],
    ["it stands in another place", "UPDATE writes SET sequence = 20 WHERE sequence = 2"],
  ])("is parked with its number and reason, and the others are sent: %s", async (_name, sql) => {
    const queue = filled(["a", "b", "c"]);
    execute(queue, sql);
    const store = memoryStore();
    const result = await drain({ queue, store, target, signal: never });
    expect(result).toEqual({ carriedOut: 2, parked: 1, stoppedBy: undefined });
    expect(await idsIn(store)).toEqual(["a", "c"]);
    const { parked } = queue.status(target);
    expect(parked).toHaveLength(1);
    expect(parked[0]?.reason).toContain("damaged");
    expect(queue.findDamaged(target)).toEqual([parked[0]?.sequence]);
  });

  it("is never sent after a retry, and can be dropped", async () => {
    const queue = filled(["a"]);
    execute(queue, "UPDATE writes SET payload = replace(payload, 'text of', 'next of')");
    await drain({ queue, store: memoryStore(), target, signal: never });
    expect(queue.retry(target)).toBe(0);
    expect(queue.adopt(target, "https://other.example")).toBe(0);
    expect(queue.discard(target)).toBe(1);
  });

  it("is found in a queue of an earlier version, whose other entries are sent", async () => {
    const path = join(temporaryDirectory(), "queue.sqlite");
    filled(["a", "b"], path).close();
    const database = new DatabaseSync(path);
    database.exec("ALTER TABLE writes DROP COLUMN checksum; PRAGMA user_version = 1");
    database.exec("UPDATE writes SET payload = substr(payload, 1, 20) WHERE sequence = 1");
    database.close();
    const queue = filled([], path);
    const store = memoryStore();
    expect(await drain({ queue, store, target, signal: never })).toMatchObject({ carriedOut: 1, parked: 1 });
    expect(await idsIn(store)).toEqual(["b"]);
  });

  it("of flipped bits in the file is never sent as another record", async () => {
    const ids = Array.from({ length: 40 }, (_, place) => `id-${place}`);
    const queue = filled(ids);
    queue.close();
    const whole = readFileSync(queue.path);
    for (let trial = 0; trial < 12; trial++) {
      const path = join(temporaryDirectory(), "queue.sqlite");
      const bytes = Buffer.from(whole);
      for (let flip = 0; flip < 3; flip++) {
        // SQLite leaves copies in pages that it has divided.
        const text = `text of id-${trial * 3 + flip}"`;
        for (let place = bytes.indexOf(text); place >= 0; place = bytes.indexOf(text, place)) {
          bytes.writeUInt8(bytes.readUInt8(place + flip) ^ 4, place + flip);
        }
      }
      writeFileSync(path, bytes);
      const store = memoryStore();
      const damaged = filled([], path);
      await drain({ queue: damaged, store, target, signal: never });
      for await (const page of store.range()) {
        for (const record of page) expect(record).toMatchObject(document(record.id));
      }
      expect(damaged.findDamaged(target)).toHaveLength(3);
    }
  });
});

describe("a queue whose file is damaged", () => {
  it("is repaired: what can be read is kept with its number, and sent", async () => {
    const ids = Array.from({ length: 200 }, (_, place) => `id-${place}`);
    const queue = filled(ids);
    queue.close();
    const bytes = readFileSync(queue.path);
    const page = Math.floor(bytes.indexOf('text of id-100"') / 4_096);
    bytes.fill(0, page * 4_096, (page + 1) * 4_096);
    writeFileSync(queue.path, bytes);
    const damaged = new WriteQueue({ path: queue.path });
    await expect(drain({ queue: damaged, store: memoryStore(), target, signal: never })).rejects.toThrow(
      /damaged/,
    );
    damaged.close();
    const { kept, damagedFile } = repairQueue(queue.path);
    expect(kept).toBeGreaterThan(100);
    expect(kept).toBeLessThan(ids.length);
    expect(readFileSync(damagedFile)).toHaveLength(bytes.length);
    const repaired = filled([], queue.path);
    const store = memoryStore();
    expect(await drain({ queue: repaired, store, target, signal: never })).toMatchObject({
      carriedOut: kept,
    });
    expect(await idsIn(store)).toHaveLength(kept);
    repaired.add(target, "", { operation: "reset" }, "down");
    expect(repaired.status(target).oldest?.sequence).toBe(ids.length + 1);
  });
});

describe("writes for a former index", () => {
  it("are sent to the current one when asked, or dropped", async () => {
    const queue = filled(["a"]);
    queue.add("https://former.example", "", { operation: "upsert", documents: [document("b")] }, "down");
    queue.add("https://older.example", "", { operation: "upsert", documents: [document("c")] }, "down");
    expect(queue.adopt("https://former.example", target)).toBe(1);
    expect(queue.discardAll("https://older.example")).toBe(1);
    const store = memoryStore();
    expect(await drain({ queue, store, target, signal: never })).toMatchObject({ carriedOut: 2 });
    expect(await idsIn(store)).toEqual(["a", "b"]);
    expect(queue.status(target)).toMatchObject({ waiting: 0, elsewhere: {}, bytes: 0 });
  });
});

describe("a primary that is up now and then", () => {
  it("takes what waits in a gap, also while a caller writes in a loop", async () => {
    const { store: inner, server } = await servedStore();
    const queue = filled([]);
    const store = new QueuedStore({ store: inner, queue, target, retryMs: 5 });
    onTestFinished(() => store.close());
    server.setFaults({ isDown: true });
    await store.upsert([document("first")]);
    server.setFaults({ isDown: false });
    // Each goes behind those that wait, so that the loop itself waits for no answer.
    const isSent = () => queue.status(target).oldest?.sequence !== 1;
    for (let place = 0; place < 1_000 && !isSent(); place++) await store.upsert([document(`id-${place}`)]);
    expect(isSent()).toBe(true);
  });
});

const script = fileURLToPath(new URL("./queue-full-disk.js", import.meta.url));
const canMount = spawnSync("unshare", ["-rm", "mount", "-t", "tmpfs", "none", "/mnt"]).status === 0;

describe.skipIf(!canMount)("on a full disk", () => {
  /** Runs a step of queue-full-disk.js with a disk of its own. */
  const onSmallDisk = () => {
    const directory = temporaryDirectory();
    const command = `mount -t tmpfs -o size=6m none "${directory}" && exec "${process.execPath}" "${script}" "${directory}"`;
    const { stdout, stderr } = spawnSync("unshare", ["-rm", "sh", "-c", command], { encoding: "utf8" });
    expect(stderr).toBe("");
    return JSON.parse(stdout) as Record<string, unknown>;
  };

  it("the queue is drained, which frees its space; a refused write is not called queued", () => {
    const { refused, waitingBefore, result, free } = onSmallDisk() as {
      refused: string;
      waitingBefore: number;
      result: unknown;
      free: number;
    };
    expect(refused).toMatch(/was not carried out .* cannot be queued/);
    expect(result).toEqual({ carriedOut: waitingBefore, parked: 0 });
    expect(free).toBeGreaterThan(2_000_000);
  });
});
