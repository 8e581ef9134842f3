import type { ComponentChildren, JSX } from "preact";
import { Icon, type IconName } from "../icons/icon.tsx";
import "./badge.css";

/** Good, warning and bad are meanings; `unknown` is a measure that is stale or missing. */
export type Tone = "good" | "warning" | "bad" | "unknown" | "neutral";

const icons: Record<Tone, IconName> = {
  good: "good",
  warning: "warning",
  bad: "bad",
  unknown: "unknown",
  neutral: "dot",
};

interface BadgeProps {
  readonly tone: Tone;
  readonly children: ComponentChildren;
  /** Without the coloured ground: in tables and lines of text. */
  readonly isPlain?: boolean;
}

/** A state as an icon and a word, so that its colour never carries the meaning alone. */
export function Badge({ tone, children, isPlain = false }: BadgeProps): JSX.Element {
  return (
    <span class={`badge badge-${tone} ${isPlain ? "badge-plain" : ""}`}>
      <Icon name={icons[tone]} size={14} />
      {children}
    </span>
  );
}
