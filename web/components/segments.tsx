import type { JSX } from "preact";
import { useId } from "preact/hooks";
import "./segments.css";

interface SegmentsProps {
  readonly label: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** A choice of one among few, all of them visible. */
export function Segments({ label, options, value, onChange }: SegmentsProps): JSX.Element {
  const name = useId();
  return (
    <fieldset class="segments">
      <legend class="only-for-readers">{label}</legend>
      {options.map((option) => (
        <label key={option.value} class="segment">
          <input
            type="radio"
            class="only-for-readers"
            name={name}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          <span>{option.label}</span>
        </label>
      ))}
    </fieldset>
  );
}
