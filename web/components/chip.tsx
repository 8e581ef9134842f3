import type { ComponentChildren, JSX } from "preact";
import { Icon } from "../icons/icon.tsx";
import "./chip.css";

interface ChipProps {
  readonly children: ComponentChildren;
  /** Small words before the value: `searched for`. */
  readonly prefix?: string;
  /** Small words after it: `(dairy)`. */
  readonly suffix?: string;
  /** With it the chip is a button that removes what it says. */
  readonly onRemove?: () => void;
  /** What happens then: `Remove, and ask again`. */
  readonly removeHint?: string;
  /** `warning`: it deserves a second look. */
  readonly tone?: "accent" | "neutral" | "warning";
}

/** A thing that was understood, chosen or set, and that can be removed. */
export function Chip({
  children,
  prefix,
  suffix,
  onRemove,
  removeHint = "Remove",
  tone = "neutral",
}: ChipProps): JSX.Element {
  const inside = (
    <>
      {tone === "warning" && <Icon name="warning" size={12} label="Contains" />}
      {prefix && <span class="chip-prefix">{prefix}</span>}
      <span class="chip-text">{children}</span>
      {suffix && <span class="chip-suffix">{suffix}</span>}
    </>
  );
  if (onRemove === undefined) return <span class={`chip chip-${tone}`}>{inside}</span>;
  return (
    <button
      type="button"
      class={`chip chip-${tone} chip-removable touch`}
      title={removeHint}
      onClick={onRemove}
    >
      {inside}
      <span class="only-for-readers">: {removeHint.toLowerCase()}</span>
      <Icon name="close" size={12} />
    </button>
  );
}
