import type { JSX } from "preact";
import "./key.css";

/** Keys to press: `Ctrl K`, one cap each. */
export function Keys({ keys }: { readonly keys: string }): JSX.Element {
  return (
    <span class="keys">
      {keys.split(" ").map((key) => (
        <kbd key={key} class="key">
          {key}
        </kbd>
      ))}
    </span>
  );
}
