import {
  type CutoverRows,
  type NewMark,
  type ParkedWrite,
  wholeNamespace,
} from "../../state/cutover/rows.ts";
import type { Author } from "../rules/change.ts";
import { noteInHistory } from "../rules/history.ts";
import type { Protocol } from "../rules/protocol.ts";

/** Parked writes that one transaction takes. */
const page = 500;

/** One parked write, or all of them. */
export type ParkedChoice = { readonly sequence: number } | "all";

/** @returns `undefined` if no parked write has this number. @throws {StateError} */
export function parkedWrite({ transaction }: Protocol, sequence: number): Promise<ParkedWrite | undefined> {
  return transaction(async (rows) => (await chosen(rows, { sequence }))[0], { readOnly: true });
}

/**
 * Queues parked writes again, behind all others, as if they were written now. Damaged ones stay parked.
 * @returns how many. @throws {StateError}
 */
export function retryParked(protocol: Protocol, choice: ParkedChoice, author: Author): Promise<number> {
  return each(protocol, choice, async (rows, found) => {
    const intact = found.filter(({ isDamaged }) => !isDamaged);
    if (intact.length === 0) return 0;
    await requeue(rows, intact);
    await rows.removeParked(intact.map(({ sequence }) => sequence));
    await note(rows, "retry", intact, author);
    return intact.length;
  });
}

/** Drops parked writes for good. @returns how many. @throws {StateError} */
export function discardParked(protocol: Protocol, choice: ParkedChoice, author: Author): Promise<number> {
  return each(protocol, choice, async (rows, found) => {
    if (found.length === 0) return 0;
    await rows.removeParked(found.map(({ sequence }) => sequence));
    await note(rows, "discard", found, author);
    return found.length;
  });
}

/** Puts writes behind all others. */
export async function requeue(
  rows: CutoverRows,
  writes: readonly Pick<NewMark, "namespace" | "id" | "operation">[],
): Promise<void> {
  const opened = await rows.now();
  const first = await rows.takeSequences(writes.length);
  await rows.addMarks(
    writes.map(({ namespace, id, operation }, place) => ({
      sequence: first + place,
      namespace,
      id,
      operation,
      status: "queued",
      isTouch: false,
      lease: opened,
      opened,
      tag: "",
    })),
  );
}

/** Page by page: several thousand writes fit no transaction. */
async function each(
  { transaction }: Protocol,
  choice: ParkedChoice,
  act: (rows: CutoverRows, found: readonly ParkedWrite[]) => Promise<number>,
): Promise<number> {
  if (choice !== "all") return transaction(async (rows) => act(rows, await chosen(rows, choice)));
  // What a retry sends may be parked again, behind these.
  let left = await transaction(async (rows) => rows.countParked(), { readOnly: true });
  let count = 0;
  for (let from = 0; left > 0; ) {
    const { found, done } = await transaction(async (rows) => {
      const parked = await rows.parked(Math.min(page, left), from);
      return { found: parked, done: await act(rows, parked) };
    });
    if (found.length === 0) break;
    count += done;
    left -= found.length;
    from = (found.at(-1)?.sequence ?? from) + 1;
  }
  return count;
}

async function chosen(
  rows: CutoverRows,
  { sequence }: { readonly sequence: number },
): Promise<ParkedWrite[]> {
  return (await rows.parked(1, sequence)).filter((write) => write.sequence === sequence);
}

/** The history keeps what was decided, without the content of the writes. */
function note(
  rows: CutoverRows,
  event: "retry" | "discard",
  writes: readonly ParkedWrite[],
  author: Author,
): Promise<void> {
  const named = writes.map(({ sequence, namespace, id }) => ({
    sequence,
    namespace,
    ...(id !== wholeNamespace && { id }),
  }));
  const what = writes.length === 1 ? "a parked write" : `${writes.length} parked writes`;
  return noteInHistory(rows, `${event} of ${what}`, {
    ...author,
    evidence: JSON.stringify({ writes: named }),
  });
}
