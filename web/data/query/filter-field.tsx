import type { JSX, TargetedEvent } from "preact";
import { useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { formatLiteral, isFieldPath } from "../../../src/embedded/filter/index.ts";
import { Button } from "../../components/button.tsx";
import type { FieldCatalog } from "../records/field-catalog.ts";
import { faultOf, repaired } from "./filter-fault.ts";
import { type Suggestion, suggest } from "./suggestions.ts";
import "./filter-field.css";

interface FilterFieldProps {
  readonly value: string;
  readonly catalog: FieldCatalog;
  readonly onInput: (text: string) => void;
  /** Enter, unless a suggestion is chosen with it. */
  readonly onApply: () => void;
}

/** A filter with completion of fields, operators and values, and a mark under the place of a fault. */
export function FilterField({ value, catalog, onInput, onApply }: FilterFieldProps): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  const marks = useRef<HTMLDivElement>(null);
  const [cursor, setCursor] = useState<number | undefined>();
  const [place, setPlace] = useState(-1);
  const caret = useRef<number | undefined>(undefined);
  const id = useId();
  const fault = useMemo(() => faultOf(value), [value]);
  const { start, list } = useMemo(
    () => (cursor === undefined ? { start: 0, list: [] } : suggest(value, cursor, catalog)),
    [value, cursor, catalog],
  );
  const isOpen = list.length > 0;
  const isFaulty = fault !== undefined && !(fault.isUnfinished && cursor !== undefined);

  const fix = isFaulty ? repaired(value, fault, catalog) : undefined;

  useLayoutEffect(() => {
    if (caret.current === undefined) return;
    field.current?.setSelectionRange(caret.current, caret.current);
    caret.current = undefined;
  }, [value]);
  const followScroll = () => {
    if (marks.current !== null) marks.current.scrollLeft = field.current?.scrollLeft ?? 0;
  };
  useLayoutEffect(followScroll);
  useLayoutEffect(() => {
    document.getElementById(`${id}-${place}`)?.scrollIntoView({ block: "nearest" });
  }, [id, place]);

  const choose = (chosen: number) => {
    const suggestion = list[chosen];
    if (suggestion === undefined || cursor === undefined) return;
    const text = `${suggestion.text} `;
    const rest = value.slice(cursor).replace(/^ /, "");
    caret.current = start + text.length;
    setCursor(caret.current);
    setPlace(-1);
    onInput(value.slice(0, start) + text + rest);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" && isOpen) setPlace((place + 1) % list.length);
    else if (event.key === "ArrowUp" && isOpen) setPlace(place <= 0 ? list.length - 1 : place - 1);
    else if (event.key === "Tab" && !event.shiftKey && isOpen && place >= 0) choose(place);
    else if (event.key === "Enter" && place >= 0) choose(place);
    else if (event.key === "Enter") {
      setCursor(undefined);
      onApply();
    } else if (event.key === "Escape" && isOpen) {
      event.stopPropagation();
      setCursor(undefined);
    } else return;
    event.preventDefault();
  };

  const follow = (event: TargetedEvent<HTMLInputElement>) => {
    setCursor(event.currentTarget.selectionStart ?? undefined);
    setPlace(-1);
  };

  return (
    <div class="filter">
      <label class="only-for-readers" for={id}>
        Filter
      </label>
      <div class={`filter-box ${isFaulty ? "filter-faulty" : ""}`}>
        <div class="filter-marks" aria-hidden="true" ref={marks}>
          {isFaulty && (
            <>
              <span>{value.slice(0, fault.offset)}</span>
              <mark class="filter-mark">{fault.word}</mark>
              <span>{value.slice(fault.offset + fault.word.length)}</span>
            </>
          )}
        </div>
        <input
          id={id}
          ref={field}
          class="filter-input"
          role="combobox"
          aria-expanded={isOpen}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-invalid={isFaulty}
          aria-describedby={`${id}-fault`}
          {...(place >= 0 && { "aria-activedescendant": `${id}-${place}` })}
          autocomplete="off"
          spellcheck={false}
          placeholder={exampleOf(catalog)}
          value={value}
          onInput={(event) => {
            onInput(event.currentTarget.value);
            follow(event);
          }}
          onKeyDown={onKeyDown}
          onClick={follow}
          onFocus={follow}
          onKeyUp={(event) => {
            if (["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) follow(event);
          }}
          onBlur={() => setCursor(undefined)}
          onScroll={followScroll}
        />
      </div>
      <p class="filter-fault" id={`${id}-fault`} role="status">
        {isFaulty && `Not applied. ${fault.message}`}
        {fix !== undefined && (
          <Button
            look="link"
            class="filter-fix"
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => {
              setCursor(undefined);
              onInput(fix);
            }}
          >
            Write <code>{fix}</code>
          </Button>
        )}
      </p>
      <SuggestionList id={id} list={list} place={place} onChoose={choose} />
    </div>
  );
}

/** A filter of these records, as an example. */
function exampleOf(catalog: FieldCatalog): string {
  const field = catalog
    .fields()
    .find(
      ({ path, isList, isNumber, values }) =>
        isFieldPath(path) && !isList && !isNumber && [...values.values()].some((count) => count > 1),
    );
  const [value] = field?.values.keys() ?? [];
  return `Filter: ${field?.path ?? "field"} = ${value === undefined ? "'value'" : formatLiteral(value)}`;
}

interface SuggestionListProps {
  /** Of the field. */
  readonly id: string;
  readonly list: readonly Suggestion[];
  readonly place: number;
  readonly onChoose: (place: number) => void;
}

function SuggestionList({ id, list, place, onChoose }: SuggestionListProps): JSX.Element {
  return (
    <div
      class="filter-list"
      id={`${id}-list`}
      role="listbox"
      aria-label="Suggestions"
      tabIndex={-1}
      hidden={list.length === 0}
    >
      {list.map(({ text, detail }, number) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the focus and the keys.
        // biome-ignore lint/a11y/useFocusableInteractive: the field points at it with aria-activedescendant.
        <div
          key={text}
          id={`${id}-${number}`}
          class="filter-option"
          role="option"
          aria-selected={number === place}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onChoose(number)}
        >
          <code>{text}</code>
          <span class="filter-detail">{detail}</span>
        </div>
      ))}
    </div>
  );
}
