import type { CutoverRows } from "../../state/cutover/rows.ts";
import type { Author } from "./change.ts";

/** Writes to the history what was done without a change of the stage. */
export async function noteInHistory(
  rows: CutoverRows,
  event: string,
  { who, reason = "", evidence = "" }: Author,
): Promise<void> {
  const { stage, leader, epoch } = await rows.control();
  await rows.appendHistory({
    at: await rows.now(),
    event,
    from: stage,
    to: stage,
    leader,
    epoch,
    who,
    reason,
    evidence,
  });
}
