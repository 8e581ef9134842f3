import type { ChosenFilter } from "./chosen-filter.ts";
import type { RemovedPart, Turn } from "./turn.ts";

/** What the address of the page says: a question as it was asked, and what is open. */
export interface AskAddress {
  readonly question?: string;
  readonly turn?: number;
  readonly filters: readonly ChosenFilter[];
  readonly removed: readonly RemovedPart[];
  /** The id of the record in the drawer. */
  readonly record?: string;
}

export function readAddress(search: string): AskAddress {
  const parameters = new URLSearchParams(search);
  const question = parameters.get("q") ?? undefined;
  const turn = Number(parameters.get("turn") ?? Number.NaN);
  const record = parameters.get("record") ?? undefined;
  return {
    filters: readList<ChosenFilter>(parameters.get("filters")),
    removed: readList<RemovedPart>(parameters.get("without")),
    ...(question !== undefined && { question }),
    ...(Number.isInteger(turn) && { turn }),
    ...(record !== undefined && { record }),
  };
}

/** The address that restores a turn: in this session from memory, elsewhere by asking again. */
export function writeAddress(turn: Turn | undefined, record: string | undefined): string {
  const parameters = new URLSearchParams();
  if (turn !== undefined) {
    parameters.set("q", turn.question);
    parameters.set("turn", String(turn.id));
    if (turn.filters.length > 0) parameters.set("filters", JSON.stringify(turn.filters));
    if (turn.removed.length > 0) parameters.set("without", JSON.stringify(turn.removed));
  }
  if (record !== undefined) parameters.set("record", record);
  const search = parameters.toString();
  return search === "" ? location.pathname : `?${search}`;
}

/** A list of objects from an address that anyone may have written. */
function readList<Item>(text: string | null): Item[] {
  if (text === null) return [];
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.filter((each) => typeof each === "object" && each !== null) : [];
  } catch {
    return [];
  }
}
