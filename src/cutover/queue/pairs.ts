import { counted } from "../../foundation/plural.ts";
import { SqlCutoverRows } from "../../state/cutover/sql-rows.ts";
import type { StateDatabase, StateSession } from "../../state/database.ts";
import type { Author } from "../rules/change.ts";
import { noteInHistory } from "../rules/history.ts";
import { requeue } from "./parked.ts";

const prefix = "outage ";

/** The outbox of an index that stands alone: each index has its own, so that no write goes to another one. */
export function outagePair(url: string): string {
  return `${prefix}${url}`;
}

/** What a person calls an outbox: the URL of its index, or the name of its pair of stores. */
export function nameOfPair(pair: string): string {
  return pair.startsWith(prefix) ? pair.slice(prefix.length) : pair;
}

function pairOfName(name: string): string {
  return name === "main" || name === "secondary" ? name : outagePair(name);
}

/** Writes that wait or are parked in other outboxes, by the name of each. @throws {StateError} */
export function writesElsewhere(state: StateDatabase, pair: string): Promise<Record<string, number>> {
  return state.transaction(
    async (session) => {
      const rows = await session.all<{ pair: string; count: number }>(
        `SELECT pair, count(*) AS count FROM (
           SELECT pair FROM cutover_marks WHERE status = 'queued' UNION ALL SELECT pair FROM cutover_parked
         ) AS writes WHERE pair <> ? GROUP BY pair`,
        pair,
      );
      return Object.fromEntries(rows.map((row) => [nameOfPair(row.pair), row.count]));
    },
    { readOnly: true },
  );
}

/** Writes of one transaction. */
const page = 500;

/** Another outbox, and the one of the settings, whose history keeps what is done with its writes. */
export interface Elsewhere {
  /** As `writesElsewhere` names it. */
  readonly name: string;
  readonly pair: string;
  readonly author: Author;
}

/**
 * Moves the writes of another outbox into this one, in order and behind all others. Damaged ones are not moved.
 * @returns how many. @throws {StateError}
 */
export function adoptWrites(state: StateDatabase, elsewhere: Elsewhere): Promise<number> {
  return takeOut(state, elsewhere, "retry", async (session, writes) => {
    const intact = writes.filter(({ isDamaged }) => !isDamaged);
    if (intact.length > 0) await requeue(new SqlCutoverRows(session, elsewhere.pair), intact);
    return intact;
  });
}

/** Drops the writes of another outbox for good. @returns how many. @throws {StateError} */
export function discardElsewhere(state: StateDatabase, elsewhere: Elsewhere): Promise<number> {
  return takeOut(state, elsewhere, "discard", async (_session, writes) => writes);
}

interface Taken {
  readonly sequence: number;
  readonly namespace: string;
  readonly id: string;
  readonly operation: string;
  readonly isDamaged: boolean;
}

/** Removes what `take` returns, page by page: first what waits, then what is parked. */
async function takeOut(
  state: StateDatabase,
  { name, pair, author }: Elsewhere,
  event: "retry" | "discard",
  take: (session: StateSession, writes: readonly Taken[]) => Promise<readonly Taken[]>,
): Promise<number> {
  const from = pairOfName(name);
  let count = 0;
  for (const kind of ["queued", "parked"] as const) {
    for (let after = 0; ; ) {
      const { taken, last, isEnd } = await state.transaction(async (session) => {
        const rows = new SqlCutoverRows(session, from);
        const found: readonly Taken[] =
          kind === "queued" ? await rows.queuedWrites(after, page) : await rows.parked(page, after + 1);
        const removed = (await take(session, found)).map(({ sequence }) => sequence);
        if (kind === "queued") await rows.removeMarks(removed);
        else await rows.removeParked(removed);
        if (removed.length > 0) {
          const what = `${event} of ${counted(removed.length, "write")} for ${name}`;
          await noteInHistory(new SqlCutoverRows(session, pair), what, author);
        }
        return { taken: removed.length, last: found.at(-1)?.sequence ?? after, isEnd: found.length === 0 };
      });
      count += taken;
      after = last;
      if (isEnd) break;
    }
  }
  return count;
}
