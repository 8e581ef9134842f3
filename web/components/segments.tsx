import type { JSX } from "preact";
import { useId } from "preact/hooks";
import "./segments.css";

interface SegmentsProps<Value extends string> {
  readonly label: string;
  readonly options: readonly {
    readonly value: Value;
    readonly label: string;
    /** Why it cannot be chosen. */
    readonly obstacle?: string | undefined;
  }[];
  /** `undefined`: none of them. */
  readonly value: Value | undefined;
  readonly onChange: (value: Value) => void;
  /** After a choice with the pointer. Keys stay among the choices: arrow keys lead on to the next one. */
  readonly onPress?: () => void;
}

/** A choice of one among few, all of them visible. */
export function Segments<Value extends string>(props: SegmentsProps<Value>): JSX.Element {
  const { label, options, value: chosen, onChange, onPress } = props;
  const name = useId();
  return (
    <fieldset class="segments">
      <legend class="only-for-readers">{label}</legend>
      {options.map(({ value, label: word, obstacle }) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: only the pointer leads away from the choice.
        <label
          key={value}
          class="segment touch"
          {...(obstacle !== undefined && { title: obstacle })}
          // After the browser has moved the focus to the choice, and the page has shown it.
          onClick={({ detail }) => detail > 0 && onPress && setTimeout(onPress)}
        >
          <input
            type="radio"
            class="only-for-readers"
            name={name}
            disabled={obstacle !== undefined}
            checked={value === chosen}
            onChange={() => onChange(value)}
          />
          <span>{word}</span>
        </label>
      ))}
    </fieldset>
  );
}
