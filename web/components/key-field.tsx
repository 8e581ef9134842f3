import type { JSX } from "preact";
import { useId } from "preact/hooks";
import "./field.css";
import "./key-field.css";

interface KeyFieldProps {
  readonly label: string;
  /** Where a key comes from, and what happens to it. */
  readonly hint: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** A field for an access key: hidden like a password, and never kept by the browser. */
export function KeyField({ label, hint, value, onChange }: KeyFieldProps): JSX.Element {
  const id = useId();
  return (
    <div class="key-field">
      <label for={id}>{label}</label>
      <input
        id={id}
        class="field"
        type="password"
        autocomplete="off"
        spellcheck={false}
        aria-describedby={`${id}-hint`}
        value={value}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      <p id={`${id}-hint`}>{hint}</p>
    </div>
  );
}
