import type { CutoverRows } from "../../state/cutover/rows.ts";
import type { Protocol } from "./protocol.ts";

/** The leader has these writes. A store that nobody follows needs them no longer. */
export async function settle(
  { guards }: Pick<Protocol, "guards">,
  rows: CutoverRows,
  sequences: readonly number[],
): Promise<void> {
  if (guards.isFollowed()) await rows.settleMarks(sequences);
  else await rows.removeMarks(sequences);
}

/** Without a follower, an open mark is forgotten once its lease is over: its write has landed, or never will. */
export function forgetExpired({ transaction }: Protocol): Promise<void> {
  return transaction(async (rows) => rows.removeExpired(await rows.now()));
}
