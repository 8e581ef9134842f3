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
  /** For links to it. */
  readonly id?: string;
}

/** A titled section with a hairline around it. */
export function Panel(props: PanelProps): JSX.Element {
  const { title, aside, children, isFlush = false, class: extra, id } = props;
  const heading = useId();
  return (
    <section class={`panel ${extra ?? ""}`} aria-labelledby={heading} {...(id !== undefined && { id })}>
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
