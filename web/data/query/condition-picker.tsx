import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { formatLiteral, isFieldPath } from "../../../src/embedded/filter/index.ts";
import { Button } from "../../components/button.tsx";
import { Popover } from "../../components/popover.tsx";
import type { Field, FieldCatalog, FieldValue } from "../records/field-catalog.ts";
import "../../components/field.css";
import "./condition-picker.css";

interface ConditionPickerProps {
  readonly catalog: FieldCatalog;
  readonly onAdd: (condition: string) => void;
}

/** Adds a condition to the filter by a field and one of its values, without the filter language. */
export function ConditionPicker({ catalog, onAdd }: ConditionPickerProps): JSX.Element {
  const fields = catalog.fields().filter(isMenu);
  const [path, setPath] = useState("");
  const [place, setPlace] = useState(0);
  const field = fields.find((each) => each.path === path) ?? fields[0];
  const values = field === undefined ? [] : byCount(field);
  const value = values[place]?.[0];
  return (
    <Popover label="Filter" name="Add filter" icon="filter">
      {field === undefined ? (
        <p class="picker-note">No field of the records has values that repeat.</p>
      ) : (
        <div class="picker">
          <label class="picker-line">
            Field
            <select
              class="field"
              value={field.path}
              onChange={(event) => {
                setPath(event.currentTarget.value);
                setPlace(0);
              }}
            >
              {fields.map((each) => (
                <option key={each.path}>{each.path}</option>
              ))}
            </select>
          </label>
          <label class="picker-line">
            {field.isList ? "contains" : "is"}
            <select
              class="field"
              value={String(place)}
              onChange={(event) => setPlace(Number(event.currentTarget.value))}
            >
              {values.map(([each, count], number) => (
                <option key={String(each)} value={String(number)}>
                  {String(each)} ({count})
                </option>
              ))}
            </select>
          </label>
          <p class="picker-note">In {catalog.records.toLocaleString("en")} records that were read.</p>
          <Button
            look="primary"
            onClick={() =>
              value !== undefined &&
              onAdd(`${field.path} ${field.isList ? "CONTAINS" : "="} ${formatLiteral(value)}`)
            }
          >
            Add
          </Button>
        </div>
      )}
    </Popover>
  );
}

/** Whether the values of a field repeat, and are few enough to choose from. */
function isMenu({ path, values, records, isNumber }: Field): boolean {
  return isFieldPath(path) && !isNumber && values.size > 0 && values.size < Math.min(200, records);
}

function byCount({ values }: Field): [value: FieldValue, count: number][] {
  return [...values].sort(([, left], [, right]) => right - left);
}
