import type { ComponentChildren, JSX } from "preact";
import { Icon } from "../icons/icon.tsx";
import "./chip.css";

interface ChipProps {
  readonly children: ComponentChildren;
  /** Small words before the value: `searched for`. */
  readonly prefix?: string;
  /** With it the chip is a button that removes what it says. */
  readonly onRemove?: () => void;
  /** `Remove vegan`: for screen readers. */
  readonly removeLabel?: string;
  readonly tone?: "accent" | "neutral" | "struck";
}

/** A thing that was understood, chosen or set, and that can be removed. */
export function Chip({ children, prefix, onRemove, removeLabel, tone = "neutral" }: ChipProps): JSX.Element {
  const inside = (
    <>
      {prefix && <span class="chip-prefix">{prefix}</span>}
      <span class="chip-text">{children}</span>
    </>
  );
  if (onRemove === undefined) return <span class={`chip chip-${tone}`}>{inside}</span>;
  return (
    <button
      type="button"
      class={`chip chip-${tone} chip-removable`}
      aria-label={removeLabel}
      title={removeLabel}
      onClick={onRemove}
    >
      {inside}
      <Icon name="close" size={12} />
    </button>
  );
}
