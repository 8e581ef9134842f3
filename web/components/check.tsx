import type { ComponentChildren, JSX } from "preact";
import "./check.css";

interface CheckProps {
  readonly isChecked: boolean;
  readonly onChange: (isChecked: boolean) => void;
  readonly children: ComponentChildren;
  /** At the right end: a count. */
  readonly aside?: ComponentChildren;
}

/** One choice of several that go together. */
export function Check({ isChecked, onChange, children, aside }: CheckProps): JSX.Element {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={isChecked}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span class="check-label">{children}</span>
      {aside !== undefined && <span class="check-aside">{aside}</span>}
    </label>
  );
}
