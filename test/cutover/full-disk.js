import { randomUUID } from "node:crypto";
import { rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { changeStage } from "../../dist/cutover/rules/change.js";
import { beat } from "../../dist/cutover/rules/presence.js";
import { begin } from "../../dist/cutover/rules/write.js";
import { stateProtocol } from "../../dist/cutover/state-protocol.js";
import { defaultTiming } from "../../dist/cutover/timing.js";
import { EvidenceStore } from "../../dist/cutover/watch/evidence-store.js";
import { rollBack } from "../../dist/cutover/watch/roll-back.js";
import { listIncidents } from "../../dist/state/incidents.js";
import { openSqliteState } from "../../dist/state/sqlite.js";

/** Starts a cutover, fills the disk of its state, pauses it, rolls back, and frees the disk again. */
const [, , directory] = process.argv;
const state = openSqliteState(join(directory, "state.sqlite3"));
const protocol = stateProtocol({ open: async () => state, pair: "main", timing: defaultTiming });
const author = { who: "test" };
const evidence = new EvidenceStore(state, "main");
await beat(protocol, "service", undefined);
await changeStage(protocol, "start", author, { holdId: randomUUID() });
const other = join(directory, "other");
writeFileSync(other, Buffer.alloc(statfsSync(directory).bavail * statfsSync(directory).bsize));
const codeOf = (work) =>
  work().then(
    () => "done",
    ({ code, reason }) => `${code} ${reason}`,
  );
let place = 0;
const write = () => begin(protocol, [{ namespace: "", id: `${place++}`, operation: "x".repeat(40_000) }]);
let written = "done";
while (written === "done" && place < 200) written = await codeOf(write);
const { epoch } = await protocol.transaction((rows) => rows.control(), { readOnly: true });
const pausedWhileFull = await codeOf(() => evidence.savePause(true, author));
const pauseWhileFull = (await evidence.pause()) ?? null;
const parts = { protocol, state, names: { source: "chroma", target: "upstash" } };
const rolledBack = (await rollBack(parts, author, [])).isDone;
const incidents = await state.transaction((session) => listIncidents(session, { limit: 5 }), {
  readOnly: true,
});
rmSync(other);
const pausedLater = await codeOf(() => evidence.savePause(true, author));
const { stage } = await protocol.transaction((rows) => rows.control(), { readOnly: true });
await state.close();
const facts = {
  written,
  epoch,
  pausedWhileFull,
  pauseWhileFull,
  rolledBack,
  incidents: incidents.length,
  pausedLater,
  stage,
};
process.stdout.write(JSON.stringify(facts));
