import type { ComponentChildren, JSX } from "preact";
import { Icon, type IconName } from "../icons/icon.tsx";
import "./state.css";

interface StateProps {
  readonly icon: IconName;
  /** What is the case, in one sentence. */
  readonly title: string;
  /** What it means, and what to do. */
  readonly children?: ComponentChildren;
  readonly actions?: ComponentChildren;
  readonly tone?: "neutral" | "warning" | "bad";
  /** Read out at once: for failures. */
  readonly isAlert?: boolean;
}

/** An empty state, a failure or a notice in the place of content: what happened, and what to do. */
export function State({
  icon,
  title,
  children,
  actions,
  tone = "neutral",
  isAlert,
}: StateProps): JSX.Element {
  return (
    <div class={`state state-${tone}`} {...(isAlert && { role: "alert" as const })}>
      <span class="state-icon">
        <Icon name={icon} size={18} />
      </span>
      <div class="state-words">
        <p class="state-title">{title}</p>
        {children && <div class="state-text">{children}</div>}
        {actions && <div class="state-actions">{actions}</div>}
      </div>
    </div>
  );
}
