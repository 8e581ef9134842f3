import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import type { Metadata } from "../../../src/store/document.ts";
import { parseFilter } from "../../../src/store/filter.ts";
import { drain } from "../../../src/store/policies/queue/drain.ts";
import type { Write } from "../../../src/store/policies/queue/write.ts";
import { WriteQueue } from "../../../src/store/policies/queue/write-queue.ts";
import type { VectorStore } from "../../../src/store/store.ts";
import { seededRandom, seedOf } from "../../embedded/durability/random.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";
import { servedStore } from "./stores.ts";

/** `QUEUE_ROUNDS=100 npx vitest run test/store/policies/queue-kill.test.ts` for the long run. */
const rounds = Number(process.env.QUEUE_ROUNDS ?? 3);

type State = ReadonlyMap<string, Metadata>;

/** The result of a write by a separate model. */
function after(state: State, write: Write): State {
  const next = new Map(state);
  if (write.operation === "upsert") for (const { id, metadata } of write.documents) next.set(id, metadata);
  if (write.operation === "reset") next.clear();
  if (write.operation === "update") {
    const known = next.get(write.change.id);
    if (known) next.set(write.change.id, { ...known, ...write.change.metadata });
  }
  if (write.operation === "delete" && "ids" in write.target)
    for (const id of write.target.ids) next.delete(id);
  if (write.operation === "delete" && "filter" in write.target) {
    const { value } = write.target.filter as { value?: unknown };
    for (const [id, { n }] of state) if (n === value) next.delete(id);
  }
  return next;
}

/** Most writes leave a distinct trace, so that a lost or reordered write is visible. */
function randomWrites(below: (limit: number) => number, first: number, count: number): Write[] {
  return Array.from({ length: count }, (_, place) => {
    const n = first + place;
    const recent = `food-${n - 1 - below(4)}`;
    const kind = below(40);
    if (kind < 20) {
      return { operation: "upsert", documents: [{ id: `food-${n}`, text: `text ${n}`, metadata: { n } }] };
    }
    if (kind < 24)
      return { operation: "upsert", documents: [{ id: recent, text: "again", metadata: { n } }] };
    if (kind < 34) {
      const metadata = { [`f${n % 3}`]: n };
      return { operation: "update", change: { id: recent, metadata, mergeMetadata: true } };
    }
    if (kind < 37) return { operation: "delete", target: { ids: [recent] } };
    if (kind < 39 || place > 0) {
      return { operation: "delete", target: { filter: parseFilter(`n = ${n - 1 - below(4)}`) } };
    }
    return { operation: "reset" };
  });
}

async function stateOf(store: VectorStore): Promise<State> {
  const state = new Map<string, Metadata>();
  for await (const page of store.range()) for (const { id, metadata } of page) state.set(id, metadata ?? {});
  return state;
}

const asText = (state: State) =>
  JSON.stringify([...state].map(([id, facts]) => [id, Object.entries(facts).sort()]).sort());

it(`brings every acknowledged write to the primary, in order, when killed ${rounds} times while queueing and sending (VEC-8)`, async () => {
  const random = seededRandom(seedOf("queue"));
  const { store, server } = await servedStore();
  const directory = temporaryDirectory();
  const path = join(directory, "queue.sqlite");
  const queue = new WriteQueue({ path });
  onTestFinished(() => queue.close());
  const totals = { acknowledged: 0, queued: 0, sentByChildren: 0, inFlightKept: 0 };
  let state: State = new Map();
  for (let round = 0; round < rounds; round++) {
    const writes = randomWrites((limit) => random.below(limit), round * 1_000, 400);
    const outage = new AbortController();
    const unsteady = (async () => {
      while (!outage.signal.aborted) {
        server.setFaults({ isDown: random.below(2) > 0 });
        await pause(5 + random.below(30));
      }
    })();
    const enough = 15 + random.below(60);
    const acknowledged = await writeUntilKilled(path, server, directory, writes, (count) => count >= enough);
    const left = queue.status(server.url).waiting;
    // A second process is killed while it sends what the first one left.
    const few = random.below(left + 1);
    await writeUntilKilled(path, server, directory, [], () => queue.status(server.url).waiting <= few);
    outage.abort();
    await unsteady;
    server.setFaults({ isDown: false });
    const stillLeft = queue.status(server.url).waiting;
    const result = await drain({ queue, store, target: server.url, signal: new AbortController().signal });
    expect(result).toMatchObject({ stoppedBy: undefined, parked: 0 });

    const states = [state];
    for (const write of writes) states.push(after(states.at(-1) as State, write));
    const found = asText(await stateOf(store));
    const landed = [acknowledged, acknowledged + 1].find(
      (count) => states[count] && asText(states[count]) === found,
    );
    expect(landed, `round ${round}: ${found} is not ${asText(states[acknowledged] as State)}`).toBeDefined();
    state = states[landed as number] as State;
    totals.acknowledged += acknowledged;
    totals.queued += left;
    totals.sentByChildren += left - stillLeft;
    if (landed !== acknowledged) totals.inFlightKept++;
  }
  console.log(`queue: ${rounds} rounds`, totals);
  expect(totals.acknowledged).toBeGreaterThan(0);
  expect(totals.queued).toBeGreaterThan(0);
}, 600_000);

/** @returns how many writes were acknowledged before the process was killed, as soon as `isEnough` */
async function writeUntilKilled(
  path: string,
  server: { url: string; token: string },
  directory: string,
  writes: readonly Write[],
  isEnough: (acknowledged: number) => boolean,
): Promise<number> {
  const file = join(directory, "writes.json");
  writeFileSync(file, JSON.stringify(writes));
  const program = fileURLToPath(new URL("queue-writer.js", import.meta.url));
  const child = spawn(process.execPath, [program, path, server.url, server.token, file], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let acknowledged = 0;
  child.stdout.on("data", (dots: Buffer) => {
    acknowledged += dots.length;
  });
  const closed = new Promise<void>((resolve) => child.on("close", () => resolve()));
  while (child.exitCode === null && !isEnough(acknowledged)) await pause(2);
  expect(child.exitCode, "it ended by itself").toBeNull();
  child.kill("SIGKILL");
  await closed;
  return acknowledged;
}
