import type { JSX } from "preact";
import type { Source } from "../service/contract.ts";
import { titleOf } from "./record.ts";
import "./citation.css";

export interface CitationProps {
  readonly number: number;
  readonly source: Source;
  /** The number of the source that is lit: under the pointer, or in focus. */
  readonly lit: number | undefined;
  readonly onLight: (number: number | undefined) => void;
  /** Brings the source's card into view and focuses it. */
  readonly onFollow: (number: number) => void;
}

/** `[1]` as a mark that lights up its source and leads to it. */
export function Citation({ number, source, lit, onLight, onFollow }: CitationProps): JSX.Element {
  return (
    <button
      type="button"
      class={`citation touch ${lit === number ? "citation-lit" : ""}`}
      aria-label={`Source ${number}: ${titleOf(source)}`}
      onPointerEnter={() => onLight(number)}
      onPointerLeave={() => onLight(undefined)}
      onFocus={() => onLight(number)}
      onBlur={() => onLight(undefined)}
      onClick={() => onFollow(number)}
    >
      {number}
    </button>
  );
}
