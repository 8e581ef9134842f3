import { useState } from "preact/hooks";
import { sourceElementId } from "./source-list.tsx";
import type { Turn } from "./turn.ts";

interface LitSource {
  /** The number of the source under the pointer or in focus, as mark or as card. */
  readonly lit: number | undefined;
  readonly setLit: (number: number | undefined) => void;
  /** Lights a source of a turn up, and scrolls it in beside the conversation. */
  light(turn: number, number: number | undefined): void;
  /** Leads to a source of a turn. */
  follow(turn: number, number: number): void;
}

interface LitSourceOptions {
  readonly focused: Turn | undefined;
  readonly onFocus: (turn: number) => void;
  /** Whether sources fold under their answers. */
  readonly isNarrow: boolean;
}

/** Which source of the answer in focus is lit. */
export function useLitSource({ focused, onFocus, isNarrow }: LitSourceOptions): LitSource {
  const [lit, setLit] = useState<number>();
  const follow = (turn: number, number: number) => {
    onFocus(turn);
    // The card is there after the next render, and visible after its fold has opened.
    setTimeout(() => {
      const fold = document.getElementById(`sources-${turn}`);
      if (fold instanceof HTMLDetailsElement) fold.open = true;
      const card = document.getElementById(sourceElementId(turn, number));
      card?.scrollIntoView({ block: "nearest" });
      card?.focus({ preventScroll: true });
      setLit(number);
    });
  };
  const light = (turn: number, number: number | undefined) => {
    setLit(number);
    if (number === undefined || isNarrow) return;
    if (turn !== focused?.id) onFocus(turn);
    document.getElementById(sourceElementId(turn, number))?.scrollIntoView({ block: "nearest" });
  };
  return { lit, setLit, light, follow };
}
