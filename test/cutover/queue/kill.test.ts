import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { loneGuards } from "../../../src/cutover/guards.ts";
import { LoneRuntime } from "../../../src/cutover/queue/lone-runtime.ts";
import { outagePair } from "../../../src/cutover/queue/pairs.ts";
import { hasQueued } from "../../../src/cutover/queue/status.ts";
import { stateProtocol } from "../../../src/cutover/state-protocol.ts";
import { StoreReplica } from "../../../src/cutover/store-replica.ts";
import { describeOnEachStore, type StateUnderTest } from "../../state/contract.ts";
import { servedStore } from "../../store/policies/stores.ts";
import { die } from "../die.ts";
import { shortTiming } from "../pair.ts";
import { History, textOfStore, writesOf } from "./history.ts";

const script = fileURLToPath(new URL("./dying-process.js", import.meta.url));

/** The step at which a process dies, and how many times it reaches it until then. */
interface Death {
  readonly step: string;
  readonly time: number;
  /** The index does not answer. */
  readonly isOutage?: boolean;
  /** It writes nothing, and sends what waits. */
  readonly drains?: boolean;
  /** In PostgreSQL too: a process takes longer to start there. */
  readonly isShort?: boolean;
}

/** One after the other, on one index and one state. */
const deaths: readonly Death[] = [
  { step: "before begin", time: 2 },
  { step: "after begin", time: 2, isShort: true },
  { step: "during send", time: 2 },
  { step: "after send", time: 2 },
  // Of each queued write, the first transaction is the one before the attempt.
  { step: "in begin", time: 3, isOutage: true },
  { step: "after begin", time: 4, isOutage: true, isShort: true },
  { step: "after claim", time: 1, drains: true },
  { step: "during send", time: 1, drains: true, isShort: true },
  { step: "after send", time: 1, drains: true, isShort: true },
];

/** A process that is slow is not a failure here: leases are as long as a busy machine needs. */
const timing = { ...shortTiming, markLeaseMs: 2_000, claimLeaseMs: 2_000 };

async function runDeaths(store: StateUnderTest): Promise<void> {
  const { store: index, server } = await servedStore();
  const state = await store.open();
  const pair = outagePair(`https://${randomUUID()}.example`);
  const history = new History();
  const where = { ...store.place, pair, timing, url: server.url, token: server.token };
  const isShort = store.kind === "postgres";
  for (const [life, deathAt] of deaths.filter((death) => !isShort || death.isShort).entries()) {
    server.setFaults({ isDown: deathAt.isOutage === true });
    const writes = deathAt.drains ? [] : writesOf(life);
    const acknowledged = await die(script, { ...where, writes, deathAt });
    expect(acknowledged, `writes before death ${life}`).toBeLessThan(Math.max(1, writes.length));
    history.add(writes.slice(0, acknowledged), writes[acknowledged]);
  }
  const protocol = stateProtocol({ open: async () => state, pair, timing, guards: loneGuards });
  expect(await hasQueued(protocol)).toBe(true);
  const replica = new StoreReplica({
    reader: index,
    writer: index,
    takesVectors: true,
    callTimeoutMs: 5_000,
  });
  const replicas = { source: replica, target: replica };
  // The next process starts, and nobody writes.
  const parts = { protocol, replicas, clock: () => performance.now(), uniqueId: randomUUID };
  const runtime = new LoneRuntime({ parts, retryMs: 5 });
  onTestFinished(() => runtime.close());
  await expect.poll(() => hasQueued(protocol)).toBe(false);
  await runtime.close();
  expect(history.texts).toContain(await textOfStore(index));
}

describeOnEachStore("the outbox of one index, whose process is killed (VEC-8)", (create) => {
  it("loses no acknowledged write and reorders none, with a SIGKILL at each of several steps", () =>
    runDeaths(create()));
});
