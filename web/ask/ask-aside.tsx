import type { ComponentChildren, JSX } from "preact";
import { SourceList } from "./source-list.tsx";
import type { Turn } from "./turn.ts";

interface AskAsideProps {
  /** `undefined` before the first question: then the filters are here. */
  readonly focused: Turn | undefined;
  /** Whether other turns exist, so that the sources name their question. */
  readonly isOneOfMany: boolean;
  readonly lit: number | undefined;
  readonly onLight: (number: number | undefined) => void;
  readonly onOpen: (id: string) => void;
  /** The filters. */
  readonly children: ComponentChildren;
}

/** Beside the conversation: the sources of the answer in focus, or the filters. */
export function AskAside(props: AskAsideProps): JSX.Element {
  const { focused, isOneOfMany, lit, onLight, onOpen, children } = props;
  const title = focused === undefined ? "Filters" : "Sources";
  return (
    <aside class="ask-aside" aria-label={title}>
      <header class="page-head ask-head">
        <h2 class="ask-aside-title">{title}</h2>
        <span class="ask-count">
          {focused?.sources && focused.sources.length > 0 && focused.sources.length}
        </span>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a column that scrolls needs the arrow keys. */}
      <div class="ask-aside-scroll" tabIndex={0}>
        {focused !== undefined && isOneOfMany && <p class="ask-aside-question">of “{focused.question}”</p>}
        {focused === undefined ? (
          children
        ) : (
          <SourceList turn={focused} lit={lit} onLight={onLight} onOpen={onOpen} />
        )}
      </div>
    </aside>
  );
}
