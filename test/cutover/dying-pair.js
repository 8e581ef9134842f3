/**
 * One process of a pair in `dual-write`, an embedded index and a served one, that ends itself by SIGKILL at a step, and
 * prints a dot for each acknowledged write: `node dying-pair.js <JSON>`.
 */
import { randomUUID } from "node:crypto";
import { writeSync } from "node:fs";
import { RoutedStore } from "../../dist/cutover/routed-store.js";
import { CutoverRuntime } from "../../dist/cutover/runtime.js";
import { stateProtocol } from "../../dist/cutover/state-protocol.js";
import { StoreReplica } from "../../dist/cutover/store-replica.js";
import { defaultSettings, EmbeddedRequester, VectorIndex } from "../../dist/embedded/index.js";
import { bm25 } from "../../dist/embedding/bm25.js";
import { openSqliteState } from "../../dist/state/sqlite.js";
import { UpstashStore } from "../../dist/store/upstash.js";
import { HttpRequester } from "../../dist/transport/http-requester.js";
import { withCrashPoints } from "./queue/crash-points.js";

const { stateFile, indexFile, timing, url, token, writes, deathAt } = JSON.parse(process.argv[2]);

const state = await openSqliteState(stateFile);
const index = VectorIndex.open({ path: indexFile, settings: defaultSettings, embedders: { sparse: bm25 } });
const requester = new HttpRequester({ url, token, timeoutMs: 5_000, retry: { retries: 0 } });
const stores = {
  source: new UpstashStore({ name: "source", requester: new EmbeddedRequester(index) }),
  target: new UpstashStore({ name: "target", requester }),
};
const replica = (store) =>
  new StoreReplica({ reader: store, writer: store, takesVectors: true, callTimeoutMs: 5_000 });
let left = deathAt.time;
const parts = withCrashPoints(
  {
    protocol: stateProtocol({ open: async () => state, pair: "main", timing }),
    replicas: { source: replica(stores.source), target: replica(stores.target) },
    clock: () => performance.now(),
    uniqueId: randomUUID,
  },
  (step) => {
    if (step === deathAt.step && --left === 0) process.kill(process.pid, "SIGKILL");
    return false;
  },
);
const runtime = new CutoverRuntime({ parts, pollMs: 20 });
const store = new RoutedStore({ runtime, stores, readTimeoutMs: 5_000 });
for (const { kind, id, n } of writes) {
  if (kind === "delete") await store.delete({ ids: [id] });
  else if (kind === "upsert") await store.upsert([{ id, text: `food ${n}`, metadata: { n } }]);
  else await store.update({ id, metadata: { [`f${n}`]: n }, mergeMetadata: true });
  writeSync(1, ".");
}
// It copies until it dies.
setInterval(() => {}, 1_000);
