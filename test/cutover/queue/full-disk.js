import { randomUUID } from "node:crypto";
import { statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loneGuards } from "../../../dist/cutover/guards.js";
import { drain } from "../../../dist/cutover/queue/drain.js";
import { queueStatus } from "../../../dist/cutover/queue/status.js";
import { begin } from "../../../dist/cutover/rules/write.js";
import { stateProtocol } from "../../../dist/cutover/state-protocol.js";
import { defaultTiming } from "../../../dist/cutover/timing.js";
import { openSqliteState } from "../../../dist/state/sqlite.js";

/** Fills an outbox and the disk it lies on, then drains it. */
const [, , directory] = process.argv;
const state = openSqliteState(join(directory, "state.sqlite3"));
const protocol = stateProtocol({
  open: async () => state,
  pair: "outage",
  timing: defaultTiming,
  guards: loneGuards,
});
const text = "x".repeat(40_000);
const queue = (id) => {
  const operation = JSON.stringify({ kind: "document", document: { id, text, metadata: {} } });
  return begin(protocol, [{ namespace: "", id, operation }], { isLeaderDown: true });
};
for (let place = 0; place < 30; place++) await queue(`${place}`);
// What else is free goes to somebody else, down to the last page.
const free = () => statfsSync(directory).bavail * statfsSync(directory).bsize;
writeFileSync(join(directory, "other"), Buffer.alloc(free()));
let refused = 0;
for (let place = 0; place < 200 && refused === 0; place++) {
  await queue(`late-${place}`).catch(() => refused++);
}
const { waiting } = await queueStatus(protocol);
const replica = {
  name: "index",
  takesVectors: true,
  send: async (_namespace, operations) => ({ outcome: "acknowledged", count: operations.length }),
};
const parts = {
  protocol,
  replicas: { source: replica, target: replica },
  clock: () => performance.now(),
  uniqueId: randomUUID,
};
const { carriedOut, stoppedBy } = await drain({ parts, signal: new AbortController().signal });
await state.close();
process.stdout.write(JSON.stringify({ refused, waiting, carriedOut, stoppedBy: stoppedBy?.message ?? null }));
