import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { Icon } from "../icons/icon.tsx";
import { type ChosenFilter, isSameFilter } from "./chosen-filter.ts";
import type { FilterGroup } from "./facets.ts";
import { fieldLabel } from "./record.ts";
import "./filters.css";

interface FiltersProps {
  readonly groups: readonly FilterGroup[];
  readonly chosen: readonly ChosenFilter[];
  readonly onChange: (chosen: readonly ChosenFilter[]) => void;
}

/** The filters that the data offers, with counts. */
export function Filters({ groups, chosen, onChange }: FiltersProps): JSX.Element {
  return (
    <div class="filters">
      {groups.map((group) => (
        <FilterChoices key={group.field} group={group} chosen={chosen} onChange={onChange} />
      ))}
    </div>
  );
}

/** Values that a group shows before "Show all". */
const shownAtFirst = 6;

function FilterChoices({ group, chosen, onChange }: Omit<FiltersProps, "groups"> & { group: FilterGroup }) {
  const [isOpen, setIsOpen] = useState(false);
  const { field, title, isList, isExcluded, values } = group;
  const shown = isOpen ? values : values.slice(0, shownAtFirst);
  return (
    <fieldset class="filter-group">
      <legend class="filter-title">
        {fieldLabel(title)}
        {isExcluded && <span class="filter-hint"> (foods that drop out)</span>}
      </legend>
      {shown.map(({ value, count }) => {
        const filter: ChosenFilter = { field, value, isList, isExcluded };
        const isChosen = chosen.some((each) => isSameFilter(each, filter));
        const change = () =>
          onChange(isChosen ? chosen.filter((each) => !isSameFilter(each, filter)) : [...chosen, filter]);
        return (
          <label key={String(value)} class="filter-choice">
            <input type="checkbox" class="only-for-readers" checked={isChosen} onChange={change} />
            <span class="filter-box">{isChosen && <Icon name="check" size={12} />}</span>
            <span class="filter-value">{String(value)}</span>
            <span class="filter-count" title={isExcluded ? `${count} records drop out` : `${count} records`}>
              {isExcluded ? `−${count}` : count}
            </span>
          </label>
        );
      })}
      {values.length > shownAtFirst && (
        <Button look="link" class="filter-more" onClick={() => setIsOpen(!isOpen)}>
          {isOpen ? "Show fewer" : `Show all ${values.length}`}
        </Button>
      )}
    </fieldset>
  );
}
