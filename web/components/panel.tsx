import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";
import "./panel.css";

interface PanelProps {
  readonly title: string;
  /** At the right of the title: a state, a choice, a time. */
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
  /** Without space around the content: for tables. */
  readonly isFlush?: boolean;
  readonly class?: string;
}

/** A titled section with a hairline around it. */
export function Panel({ title, aside, children, isFlush = false, class: extra }: PanelProps): JSX.Element {
  const heading = useId();
  return (
    <section class={`panel ${extra ?? ""}`} aria-labelledby={heading}>
      <header class="panel-head">
        <h2 class="panel-title" id={heading}>
          {title}
        </h2>
        {aside && <div class="panel-aside">{aside}</div>}
      </header>
      <div class={isFlush ? "panel-body panel-flush" : "panel-body"}>{children}</div>
    </section>
  );
}
