import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";
import "./field.css";
import "./labelled-field.css";

interface LabelledFieldProps {
  readonly label: string;
  /** Default: `text`. */
  readonly type?: "text" | "password" | "number";
  /** Of a number. */
  readonly min?: number;
  /** Of a number. */
  readonly max?: number;
  readonly maxLength?: number;
  readonly required?: boolean;
  /** Lines of a text; default: one. */
  readonly lines?: number;
  /** What belongs into it, and what happens to it. */
  readonly hint?: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** After the field: a unit. */
  readonly children?: ComponentChildren;
}

/** A text field under its label, with a hint below. */
export function LabelledField(props: LabelledFieldProps): JSX.Element {
  const { label, hint, type = "text", lines = 1, value, onChange, children, ...limits } = props;
  const id = useId();
  return (
    <div class="labelled-field">
      <label for={id}>{label}</label>
      <div class="labelled-field-line">
        {lines > 1 ? (
          <textarea
            id={id}
            class="field"
            rows={lines}
            {...(hint !== undefined && { "aria-describedby": `${id}-hint` })}
            {...(limits.required !== undefined && { required: limits.required })}
            {...(limits.maxLength !== undefined && { maxLength: limits.maxLength })}
            value={value}
            onInput={(event) => onChange(event.currentTarget.value)}
          />
        ) : (
          <input
            id={id}
            class="field"
            // Preact has one type for each kind of field; what is used here is common to all.
            type={type as "text"}
            autocomplete="off"
            spellcheck={type === "text"}
            {...(hint !== undefined && { "aria-describedby": `${id}-hint` })}
            {...limits}
            value={value}
            onInput={(event) => onChange(event.currentTarget.value)}
          />
        )}
        {children}
      </div>
      {hint && <p id={`${id}-hint`}>{hint}</p>}
    </div>
  );
}
