import { type ChosenFilter, isChosenFilter } from "./chosen-filter.ts";
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
    filters: readList(parameters.get("filters"), isChosenFilter),
    removed: readList(parameters.get("without"), isRemovedPart),
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

/** The items of a list in an address, which anyone may have written; others are ignored. */
function readList<Item>(text: string | null, isItem: (value: unknown) => value is Item): Item[] {
  if (text === null) return [];
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.filter(isItem) : [];
  } catch {
    return [];
  }
}

function isRemovedPart(value: unknown): value is RemovedPart {
  const { key, label } = (value ?? {}) as Partial<RemovedPart>;
  return typeof key === "string" && typeof label === "string";
}
