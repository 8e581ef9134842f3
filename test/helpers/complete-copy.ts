import { type Control, initialControl } from "../../src/state/cutover/rows.ts";
import { SqlCutoverRows } from "../../src/state/cutover/sql-rows.ts";
import type { StateDatabase } from "../../src/state/database.ts";

/** Makes the state say that the second copy of a pair is complete: the waits of a start take seconds. */
export async function saveCompleteCopy(
  state: Pick<StateDatabase, "transaction">,
  control: Partial<Control> = {},
): Promise<void> {
  await state.transaction((session) =>
    new SqlCutoverRows(session, "secondary").saveControl({
      ...initialControl,
      isRecording: true,
      isStartComplete: true,
      level: "level",
      confirmedAt: 0,
      stage: "dual-write",
      ...control,
    }),
  );
}
