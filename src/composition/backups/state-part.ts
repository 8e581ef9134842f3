import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { DataError } from "../../foundation/errors.ts";
import { counted } from "../../foundation/plural.ts";
import { ContentSum } from "../../migration/content-hash.ts";
import type { BackupPart } from "../../operations/backups/part.ts";
import { hasState, stateFileIn } from "../../state/open.ts";
import { describeAddress } from "../../state/postgres/address.ts";
import { restoreState } from "../../state/restore.ts";
import { writeRows } from "../../state/rows.ts";
import { withOpenState } from "../own-state.ts";
import type { BackupSettings } from "./backup-settings.ts";

/** Feedback, keys, alerts, schedules and the stage of the cutover, from either kind of store. */
export function statePart({ settings }: BackupSettings): BackupPart {
  const { directory, statePostgres } = settings;
  const file = stateFileIn(directory);
  return {
    kind: "state",
    name: "state",
    source: statePostgres === undefined ? resolve(file) : describeAddress(statePostgres),
    obstacle: () => (hasState(settings) ? undefined : `There is no state at ${file} yet.`),
    // A connection of its own: that of a service goes on meanwhile.
    async write(into, signal) {
      await withOpenState(settings, (state) => writeRows(state, rowsIn(into), signal));
    },
    async prove(from, place, signal) {
      const location = { directory: place, statePostgres: undefined };
      const { rowCount } = await restoreState(location, rowsIn(from), { replace: false, signal });
      const again = join(place, "again.jsonl");
      await withOpenState(location, (state) => writeRows(state, again, signal));
      await requireSame(rowsIn(from), again);
      return `${counted(rowCount, "row")} restored, each equal to that of the backup`;
    },
    async restore(from, options) {
      const { location, rowCount, aside } = await restoreState(settings, rowsIn(from), options);
      return {
        summary: `${location}: ${counted(rowCount, "row")}`,
        aside,
        notes: [
          statePostgres === undefined
            ? "Restart what serves: it has the former state open."
            : "Replicas go on with the restored state.",
          "API keys that were made or revoked since are as they were. Check them: ragfood keys list.",
          "A cutover is back in the stage that it had. Before it goes on, run: ragfood cutover status, ragfood cutover verify.",
        ],
      };
    },
  };
}

function rowsIn(directory: string): string {
  return join(directory, "state.jsonl");
}

/** Lines are compared without their order, which is that of the database's collation. @throws {DataError} */
async function requireSame(expected: string, actual: string): Promise<void> {
  if ((await sumOfLines(expected)) === (await sumOfLines(actual))) return;
  throw new DataError(expected, "The restored state differs from its backup.", {
    hint: "Make another backup of the state, and report this.",
  });
}

/** Line by line: a state may be larger than the longest string. */
async function sumOfLines(file: string): Promise<string> {
  const sum = new ContentSum();
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of lines) sum.add(createHash("sha256").update(line).digest());
  return sum.hex();
}
