/**
 * A process with the outbox of one index that ends itself by SIGKILL at a step, and prints a dot for each acknowledged
 * write: `node dying-process.js <JSON>`.
 */
import { randomUUID } from "node:crypto";
import { writeSync } from "node:fs";
import { loneGuards } from "../../../dist/cutover/guards.js";
import { drain } from "../../../dist/cutover/queue/drain.js";
import { LoneRuntime } from "../../../dist/cutover/queue/lone-runtime.js";
import { QueuedStore } from "../../../dist/cutover/queue/queued-store.js";
import { stateProtocol } from "../../../dist/cutover/state-protocol.js";
import { StoreReplica } from "../../../dist/cutover/store-replica.js";
import { UpstashStore } from "../../../dist/store/upstash.js";
import { HttpRequester } from "../../../dist/transport/http-requester.js";
import { withCrashPoints } from "./crash-points.js";

const { stateFile, postgres, pair, timing, url, token, writes, deathAt } = JSON.parse(process.argv[2]);

async function openState() {
  if (stateFile) return (await import("../../../dist/state/sqlite.js")).openSqliteState(stateFile);
  const { openPostgresState } = await import("../../../dist/state/postgres/postgres.js");
  return openPostgresState(postgres.address, { schema: postgres.schema });
}

const state = await openState();
const transport = { retry: { retries: 0 }, breaker: { failures: Number.MAX_SAFE_INTEGER } };
const requester = new HttpRequester({ url, token, timeoutMs: 5_000, ...transport });
const index = new UpstashStore({ name: "upstash", requester });
const replica = new StoreReplica({ reader: index, writer: index, takesVectors: true, callTimeoutMs: 5_000 });
let left = deathAt.time;
const parts = withCrashPoints(
  {
    protocol: stateProtocol({ open: async () => state, pair, timing, guards: loneGuards }),
    replicas: { source: replica, target: replica },
    clock: () => performance.now(),
    uniqueId: randomUUID,
  },
  (step) => {
    if (step === deathAt.step && --left === 0) process.kill(process.pid, "SIGKILL");
    return false;
  },
);
const runtime = new LoneRuntime({ parts, retryMs: 3_600_000 });
const store = new QueuedStore({ store: index, runtime, maximumBytes: 1e9 });
for (const { kind, id, n } of writes) {
  if (kind === "delete") await store.delete({ ids: [id] });
  else if (kind === "upsert") await store.upsert([{ id, text: `food ${n}`, metadata: { n } }]);
  else await store.update({ id, metadata: { [`f${n}`]: n }, mergeMetadata: true });
  writeSync(1, ".");
}
while (writes.length === 0) {
  const { stoppedBy } = await drain({ parts, signal: new AbortController().signal });
  if (stoppedBy?.code !== "queue-busy") throw stoppedBy ?? new Error("It did not die.");
}
