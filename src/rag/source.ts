import { generalType, unknownRegion, withoutPlaceholders } from "../foods/food.ts";
import type { Match, Metadata, StoreRecord } from "../store/document.ts";
import { textsOf } from "./catalog/roles.ts";

/** A match that an answer cites. */
export interface Source {
  /** 1, 2, 3: the number in `[1]`. */
  readonly number: number;
  readonly id: string;
  readonly score: number;
  readonly region: string;
  readonly type: string;
  /** The text as the data file has it, without enrichment. */
  readonly text: string;
  /** All other fields, without a region or type that only stands for a missing one. */
  readonly metadata: Metadata;
  /** Why it was chosen, a short phrase each: `meets: vegan, from Africa`. Scores say only in which order. */
  readonly reasons: readonly string[];
}

export function toSource(match: Match, place: number): Source {
  const { id, text, metadata: stored } = toFoodRecord(match);
  const metadata = withoutPlaceholders(stored);
  return {
    number: place + 1,
    id,
    score: match.score,
    region: textOf(metadata.region) ?? unknownRegion,
    type: textOf(metadata.type) ?? generalType,
    text,
    metadata,
    reasons: [],
  };
}

/** A food as its data file has it: the text without enrichment, and all other fields. */
export interface FoodRecord {
  readonly id: string;
  readonly text: string;
  readonly metadata: Metadata;
}

export function toFoodRecord({ id, text, metadata }: StoreRecord): FoodRecord {
  const { original_text: original, ...fields } = metadata ?? {};
  return { id, text: textOf(original) ?? text ?? "", metadata: fields };
}

/** The text of a record with the texts of its fields. */
export function wordsOfRecord(record: StoreRecord): string {
  const { text, metadata } = toFoodRecord(record);
  return [text, ...Object.values(metadata).flatMap(textsOf)].join("\n");
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
