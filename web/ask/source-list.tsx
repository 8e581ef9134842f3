import type { JSX } from "preact";
import { Skeleton } from "../components/skeleton.tsx";
import { SourceCard } from "./source-card.tsx";
import type { Turn } from "./turn.ts";
import "./source-list.css";

interface SourceListProps {
  readonly turn: Turn;
  readonly lit: number | undefined;
  readonly onLight: (number: number | undefined) => void;
  readonly onOpen: (id: string) => void;
}

/** The sources of an answer; before they arrive, their shapes. */
export function SourceList({ turn, lit, onLight, onOpen }: SourceListProps): JSX.Element {
  const { sources, state, text } = turn;
  if (sources === undefined) {
    if (state !== "asking") return <p class="sources-none">No sources arrived for this question.</p>;
    return (
      <ul class="sources">
        {[1, 2, 3].map((place) => (
          <li key={place} class="source source-awaited">
            <Skeleton lines={7} {...(place === 1 && { label: "Sources are on their way" })} />
          </li>
        ))}
      </ul>
    );
  }
  if (sources.length === 0) {
    return (
      <p class="sources-none">
        No record is close enough to the question, so none is shown and none is cited.
      </p>
    );
  }
  return (
    <ul class="sources">
      {sources.map((source) => (
        <SourceCard
          key={source.id}
          source={source}
          elementId={sourceElementId(turn.id, source.number)}
          answer={text}
          isAnswered={state === "done"}
          isLit={lit === source.number}
          onLight={onLight}
          onOpen={() => onOpen(source.id)}
        />
      ))}
    </ul>
  );
}

export function sourceElementId(turn: number, number: number): string {
  return `source-${turn}-${number}`;
}
