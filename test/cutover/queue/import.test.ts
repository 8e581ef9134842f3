import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { describe, expect, it, onTestFinished } from "vitest";
import { drain } from "../../../src/cutover/queue/drain.ts";
import { importFormerQueue } from "../../../src/cutover/queue/import.ts";
import { queueStatus } from "../../../src/cutover/queue/status.ts";
import { storageFile } from "../../../src/sqlite/failures.ts";
import { tryLock } from "../../../src/sqlite/lock.ts";
import { equals } from "../../../src/store/filter.ts";
import { writeFormerQueue } from "../../helpers/former-queue.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";
import { idsIn, memoryStore } from "../../store/policies/stores.ts";
import { loneStore, target } from "./lone.ts";

const food = (id: string, n = 0) => ({ id, text: `food ${id}`, metadata: { n } });
const upsert = (...ids: string[]) => ({ operation: "upsert", documents: ids.map((id) => food(id)) });

function setUp() {
  const path = join(temporaryDirectory(), "write-queue.sqlite");
  const inner = memoryStore();
  const lone = loneStore(inner);
  return { ...lone, inner, path, status: () => queueStatus(lone.parts.protocol) };
}

describe("the queue of an earlier version (VEC-8)", () => {
  it("is moved into the outbox once, in order, and its file is removed", async () => {
    const { state, path, parts, inner, status } = setUp();
    await inner.upsert([food("old", 7)]);
    writeFormerQueue(path, [
      { target, write: upsert("a", "b") },
      { target, write: { operation: "delete", target: { ids: ["a"] } } as never },
      { target, write: { operation: "delete", target: { filter: equals("n", 7) } } as never },
      { target, write: { operation: "update", change: { id: "b", metadata: { n: 1 } } } as never },
      { target: "https://other.example", write: { operation: "reset" } },
      { target, write: upsert("bad"), parkedMs: 5 },
    ]);
    expect(await importFormerQueue(state, path)).toEqual({
      path,
      queued: 6,
      parked: 1,
      unreadable: 0,
      aside: undefined,
    });
    expect(existsSync(path)).toBe(false);
    expect(await importFormerQueue(state, path)).toBeUndefined();
    expect(await status()).toMatchObject({ waiting: 5, parked: [{ id: "bad", reason: "It was down." }] });
    await drain({ parts, signal: new AbortController().signal });
    expect(await idsIn(inner)).toEqual(["b"]);
    expect((await inner.fetch(["b"]))[0]?.metadata).toEqual({ n: 1 });
  });

  it("continues an interrupted import, and takes no write twice", async () => {
    const { state, path, status } = setUp();
    writeFormerQueue(path, [
      { target, write: upsert("a") },
      { target, write: upsert("b") },
    ]);
    await state.transaction((session) =>
      session.run("INSERT INTO sequences (name, value) VALUES (?, 1)", `former queue ${path}`),
    );
    expect(await importFormerQueue(state, path)).toMatchObject({ queued: 1 });
    expect(await status()).toMatchObject({ waiting: 1, oldest: { id: "b" } });
  });

  it("parks a damaged write, which is never sent", async () => {
    const { state, path, status } = setUp();
    writeFormerQueue(path, [
      { target, write: upsert("a") },
      { target, write: upsert("b") },
    ]);
    const database = new DatabaseSync(path);
    database.exec("UPDATE writes SET payload = substr(payload, 1, 40) WHERE sequence = 1");
    database.close();
    expect(await importFormerQueue(state, path)).toMatchObject({ queued: 1, parked: 1 });
    const { parked, damaged } = await status();
    expect(parked).toMatchObject([{ isDamaged: true }]);
    expect(damaged).toHaveLength(1);
  });

  it("keeps what can be read of a damaged file, and the file", async () => {
    const { state, path } = setUp();
    writeFormerQueue(
      path,
      Array.from({ length: 200 }, (_, n) => ({ target, write: upsert(`id-${n}`) })),
    );
    const bytes = readFileSync(path);
    const page = Math.floor(bytes.indexOf('text":"food id-100"') / 4_096);
    bytes.fill(0, page * 4_096, (page + 1) * 4_096);
    writeFileSync(path, bytes);
    const imported = await importFormerQueue(state, path);
    expect(imported?.queued).toBeGreaterThan(100);
    expect(imported?.unreadable).toBeGreaterThan(0);
    expect(readFileSync(imported?.aside ?? "")).toHaveLength(bytes.length);
  });

  it("is refused while an earlier version sends it", async () => {
    const { state, path } = setUp();
    writeFormerQueue(path, [{ target, write: upsert("a") }]);
    const release = tryLock(storageFile(`${path}.lock`, "The lock"));
    onTestFinished(() => release?.());
    await expect(importFormerQueue(state, path)).rejects.toMatchObject({ code: "queue-busy" });
    expect(existsSync(path)).toBe(true);
  });

  it("is refused if it is no database, with what to do", async () => {
    const { state, path } = setUp();
    writeFileSync(path, "not a database, but a text of more than a hundred bytes".repeat(20));
    await expect(importFormerQueue(state, path)).rejects.toMatchObject({
      code: "storage",
      hint: expect.stringContaining("Move it away"),
    });
  });
});
