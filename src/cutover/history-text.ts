import type { Control, HistoryEntry, Side } from "../state/cutover/rows.ts";

/** The evidence that an operator's change keeps, as far as a reader of the history needs it. */
interface ChangeEvidence {
  readonly isForced?: boolean;
  readonly canaryPercent?: number;
}

/** What happened, in one line: `advance: shadow-read to canary, 5 % of the questions, forced`. */
export function describeChange(entry: HistoryEntry): string {
  const { event, from, to } = entry;
  return withEvidence(from === to ? event : `${event}: ${from} to ${to}`, entry);
}

function withEvidence(text: string, entry: HistoryEntry): string {
  const { isForced = false, canaryPercent } = (evidenceOf(entry) ?? {}) as ChangeEvidence;
  return [
    text,
    ...(canaryPercent === undefined ? [] : [`${canaryPercent} % of the questions`]),
    ...(isForced ? ["forced"] : []),
  ].join(", ");
}

/** Later changes that are named one by one. */
const mostLater = 5;

/**
 * What happened after the view of an author, and what to do; `undefined` if his view is the present one.
 *
 * @param seen the epoch that he saw; `undefined` for the present one
 * @param history reads the last changes, the newest first
 */
export async function laterChanges(
  { epoch }: Control,
  seen: number | undefined,
  history: (limit: number) => readonly HistoryEntry[] | Promise<readonly HistoryEntry[]>,
): Promise<string | undefined> {
  if (seen === undefined || seen === epoch) return undefined;
  const next = "Look at the present state, then decide again: ragfood cutover status.";
  if (seen > epoch) {
    return `Epoch ${seen} has not been reached: the present one is ${epoch}, or it is that of another cutover. ${next}`;
  }
  const later = (await history(mostLater + 1)).filter((entry) => entry.epoch > seen);
  const named = later.slice(0, mostLater).map((entry) => {
    const why = entry.reason === "" ? "" : ` (${entry.reason})`;
    return `${describeChange(entry)}, by ${entry.who}${why}`;
  });
  const more = later.length > named.length ? "; and earlier ones" : "";
  const [last = "not in the history", ...before] = named;
  const others = before.length === 0 ? "" : `, after ${before.join("; ")}${more}`;
  return `Another change came first: ${last}${others}. The epoch is ${epoch} now, and was ${seen}. ${next}`;
}

/** What the gates and rules saw; `undefined` if nothing was kept. */
export function evidenceOf({ evidence }: HistoryEntry): unknown {
  return evidence === "" ? undefined : JSON.parse(evidence);
}

/**
 * The changes of a history in words for people, with the names of the stores: "Rolled back: answers come from embedded".
 * An event without words of its own stays as it is.
 *
 * @param history the newest first
 */
export function historyWords(
  history: readonly HistoryEntry[],
  names: Readonly<Record<Side, string>>,
): string[] {
  return history.map((entry, place) => {
    const end = history.slice(0, place).findLast(({ event }) => endsHold.test(event))?.event;
    return withEvidence(words[entry.event]?.(entry, names, end) ?? entry.event, entry);
  });
}

/** After these events no write waits for a switch of the stores that began before. */
const endsHold = /^(?:flip|settle|cancel|rollback|finish)/;

/** @param end the event after which writes no longer waited for what the event began; `undefined`: they wait */
type Words = (entry: HistoryEntry, names: Readonly<Record<Side, string>>, end: string | undefined) => string;

const words: Readonly<Record<string, Words>> = {
  start: (_, { source, target }) => `Started: writes go to ${source}, and copies to ${target}`,
  advance: ({ to }) => `Advanced to ${to}`,
  "advance: hold": (_, { target }, end) => {
    if (end === undefined) return `Switch began: writes wait until ${target} has every record`;
    return end === "flip" ? `Switched to ${target}` : `Switch to ${target} began`;
  },
  canary: (_, { target }) => `Share of the questions for ${target} changed`,
  flip: ({ leader, from, to }, names) =>
    `${names[leader]} has every record and takes the writes${from === to ? "" : `: stage ${to}`}`,
  rollback: (_, { source }) => `Rolled back: answers come from ${source}`,
  "rollback: hold": (_, { source }, end) =>
    `Rolled back: answers come from ${source}${end ? "" : ", which takes the writes as soon as it has every record"}`,
  settle: (_, { target }) => `Rollback complete: ${target} is not in use`,
  "level again": (_, { source, target }) =>
    `Every record is copied again, from ${source} or ${target}, whichever leads`,
  "other stores": ({ from }) =>
    `Other stores are set${from === "source" ? "" : ": the copy to the former one ended"}`,
  "state restored": () => "The state was restored to that of an earlier time",
  pause: () => "Paused",
  resume: () => "Resumed",
  cancel: ({ leader }, names) => `Switch cancelled: ${names[leader]} goes on as before`,
  finish: (_, { target }) => `Finished: ${target} is used alone`,
};
