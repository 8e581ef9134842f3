import { generalType, unknownRegion } from "../foods/food.ts";
import type { Match, Metadata } from "../store/document.ts";

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
  /** All other fields. */
  readonly metadata: Metadata;
}

export function toSource(match: Match, place: number): Source {
  const { original_text: original, ...metadata } = match.metadata ?? {};
  return {
    number: place + 1,
    id: match.id,
    score: match.score,
    region: textOf(metadata.region) ?? unknownRegion,
    type: textOf(metadata.type) ?? generalType,
    text: textOf(original) ?? match.text ?? "",
    metadata,
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
