import type { JSX } from "preact";
import { Button } from "../../components/button.tsx";
import { Check } from "../../components/check.tsx";
import { percent } from "../../components/format.ts";
import { Popover } from "../../components/popover.tsx";
import type { Field } from "../records/field-catalog.ts";

interface ColumnMenuProps {
  readonly fields: readonly Field[];
  readonly chosen: readonly string[];
  /** Records in which the fields were seen. */
  readonly records: number;
  /** `undefined`: back to the columns that the page chooses. */
  readonly onChange: (columns: readonly string[] | undefined) => void;
}

/** Chooses the columns from the fields of the metadata. */
export function ColumnMenu({ fields, chosen, records, onChange }: ColumnMenuProps): JSX.Element {
  const toggle = (path: string, isShown: boolean) =>
    onChange(isShown ? [...chosen, path] : chosen.filter((each) => each !== path));
  return (
    <div class="columns-choice">
      <Popover label="Columns" icon="table">
        {fields.length === 0 && <p class="column-note">The records read so far have no metadata.</p>}
        {fields.map(({ path, records: count }) => (
          <Check
            key={path}
            isChecked={chosen.includes(path)}
            onChange={(isShown) => toggle(path, isShown)}
            aside={percent(count / Math.max(1, records))}
          >
            {path}
          </Check>
        ))}
        {fields.length > 0 && (
          <div class="column-foot">
            <Button look="quiet" onClick={() => onChange(undefined)}>
              Choose for me
            </Button>
            <span class="column-note">Share of {records.toLocaleString("en")} records read</span>
          </div>
        )}
      </Popover>
    </div>
  );
}
