import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { parseFilter } from "../../../src/embedded/filter/index.ts";
import { Button, IconButton } from "../../components/button.tsx";
import { Chip } from "../../components/chip.tsx";
import { Segments } from "../../components/segments.tsx";
import { Icon } from "../../icons/icon.tsx";
import type { FieldCatalog } from "../records/field-catalog.ts";
import { ConditionPicker } from "./condition-picker.tsx";
import { withCondition } from "./conditions.ts";
import { FilterField } from "./filter-field.tsx";
import type { QueryMode, View } from "./view.ts";
import "../../components/field.css";
import "./query-bar.css";

interface QueryBarProps {
  readonly view: View;
  readonly catalog: FieldCatalog;
  /** How the index finds texts; `undefined` if it embeds none. */
  readonly textSearch: string | undefined;
  readonly onChange: (change: Partial<View>) => void;
  /** Called when one of its parts gets the focus. */
  readonly onUse: () => void;
}

type SearchMode = Exclude<QueryMode, "similar">;

const modes: readonly {
  readonly id: SearchMode;
  readonly name: string;
  readonly hint: string;
}[] = [
  { id: "text", name: "Text", hint: "" },
  { id: "vector", name: "Vector", hint: 'Numbers like 0.12, -0.4, or {"sparseVector": …}' },
  { id: "id", name: "Id", hint: "An id, or its beginning with *" },
];

/** Asks by text, vector or id, and filters. Nothing is sent before Enter or Search. */
export function QueryBar(props: QueryBarProps): JSX.Element {
  const { view, catalog, textSearch, onChange, onUse } = props;
  const hasModel = textSearch !== undefined;
  const [chosen, setMode] = useState(view.mode === "similar" ? "text" : view.mode);
  const mode = chosen === "text" && !hasModel ? "id" : chosen;
  const [query, setQuery] = useState(view.mode === "similar" ? "" : view.query);
  const [filter, setFilter] = useState(view.filter);
  const field = useRef<HTMLInputElement>(null);
  // Before the paint: what is typed after it must not be replaced.
  useLayoutEffect(() => {
    if (view.mode !== "similar") setMode(view.mode);
    setQuery(view.mode === "similar" ? "" : view.query);
  }, [view.mode, view.query]);
  useLayoutEffect(() => setFilter(view.filter), [view.filter]);

  const apply = () => {
    if (!isValid(filter)) return;
    const keepsSimilar = view.mode === "similar" && query === "";
    const asked = keepsSimilar ? {} : { mode, query };
    const ranksAnew = !keepsSimilar && (mode !== view.mode || query !== view.query);
    onChange({ ...asked, filter: filter.trim(), row: 0, ...(ranksAnew && { sort: undefined }) });
  };
  const choose = (id: SearchMode) => {
    setMode(id);
    if (view.mode === "similar") onChange({ mode: id, query: "", row: 0 });
  };
  const hint = mode === "text" ? textSearch : modes.find(({ id }) => id === mode)?.hint;
  return (
    <form
      class="query"
      aria-label="Query"
      onFocusIn={onUse}
      onSubmit={(event) => {
        event.preventDefault();
        apply();
      }}
    >
      <div class="query-line">
        <Segments
          label="Search by"
          options={modes.map(({ id, name }) => ({
            value: id,
            label: name,
            obstacle:
              id === "text" && !hasModel ? "This index has no model: it cannot embed a text." : undefined,
          }))}
          value={view.mode === "similar" ? undefined : mode}
          onChange={choose}
          onPress={() => {
            field.current?.focus();
            field.current?.select();
          }}
        />
        {view.mode === "similar" ? (
          <div class="query-similar">
            <Chip
              prefix="similar to"
              tone="accent"
              removeHint="Stop showing similar records"
              onRemove={() => onChange({ mode: "text", query: "", row: 0 })}
            >
              {view.query}
            </Chip>
          </div>
        ) : (
          <div class="query-field">
            <Icon name="search" />
            <input
              ref={field}
              class="query-input"
              aria-label={`Search by ${mode}`}
              placeholder={hint}
              autocomplete="off"
              spellcheck={false}
              value={query}
              onInput={(event) => setQuery(event.currentTarget.value)}
            />
            {query !== "" && (
              <IconButton
                icon="close"
                label="Clear the query"
                onClick={() => {
                  setQuery("");
                  onChange({ mode, query: "", row: 0 });
                }}
              />
            )}
          </div>
        )}
        <Button look="primary" type="submit">
          Search
        </Button>
      </div>
      <div class="query-line">
        <FilterField value={filter} catalog={catalog} onInput={setFilter} onApply={apply} />
        <ConditionPicker
          catalog={catalog}
          onAdd={(condition) => onChange({ filter: withCondition(view.filter, condition), row: 0 })}
        />
      </div>
    </form>
  );
}

function isValid(filter: string): boolean {
  try {
    if (filter.trim() !== "") parseFilter(filter);
    return true;
  } catch {
    return false;
  }
}
