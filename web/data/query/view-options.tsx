import type { JSX } from "preact";
import { Check } from "../../components/check.tsx";
import { Popover } from "../../components/popover.tsx";
import { largestTopK, type View } from "./view.ts";
import "../../components/field.css";
import "./view-options.css";

interface ViewOptionsProps {
  readonly view: View;
  readonly onChange: (change: Partial<View>) => void;
}

const parts = { metadata: "Metadata", text: "Text", vectors: "Vectors" } as const;

/** What comes back: parts of the records, and how many matches. */
export function ViewOptions({ view, onChange }: ViewOptionsProps): JSX.Element {
  return (
    <Popover label="Include" icon="eye">
      {(Object.keys(parts) as (keyof typeof parts)[]).map((part) => (
        <Check
          key={part}
          isChecked={view.include[part]}
          onChange={(isIncluded) => onChange({ include: { ...view.include, [part]: isIncluded } })}
        >
          {parts[part]}
        </Check>
      ))}
      <label class="view-top" title="How many matches a query returns at most. A list is not limited.">
        Top-k
        <input
          class="field"
          type="number"
          min={1}
          max={largestTopK}
          value={view.topK}
          aria-label="Matches at most (top-k)"
          onChange={(event) => {
            const topK = event.currentTarget.valueAsNumber;
            if (Number.isInteger(topK) && topK >= 1 && topK <= largestTopK) onChange({ topK });
            else event.currentTarget.value = String(view.topK);
          }}
        />
      </label>
    </Popover>
  );
}
