import type { JSX, RefObject } from "preact";
import { Button, IconButton } from "../components/button.tsx";
import { Chip } from "../components/chip.tsx";
import { count } from "../components/format.ts";
import { Keys } from "../components/key.tsx";
import { type ChosenFilter, describeFilter, isSameFilter } from "./chosen-filter.ts";
import "./composer.css";

interface ComposerProps {
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly filters: readonly ChosenFilter[];
  readonly onFilters: (filters: readonly ChosenFilter[]) => void;
  /** Opens the filters; absent where they are beside the composer. */
  readonly onOpenFilters?: () => void;
  readonly isBusy: boolean;
  /** Whether a conversation exists that the question may follow up. */
  readonly isFollowUp: boolean;
  readonly onAsk: () => void;
  readonly onStop: () => void;
}

/** Characters of a question that the service takes, and from which on they are counted. */
const longestQuestion = 2_000;
const countedFrom = 1_800;

/** The field for a question, with its filters. Enter asks, Shift Enter begins a line, Esc stops. */
export function Composer(props: ComposerProps): JSX.Element {
  const { field, text, onText, filters, onFilters, onOpenFilters, isBusy, isFollowUp, onAsk, onStop } = props;
  const length = text.trim().length;
  const isTooLong = length > longestQuestion;
  const canAsk = length > 0 && !isTooLong && !isBusy;
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        if (canAsk) onAsk();
      }}
    >
      {filters.length > 0 && (
        <ul class="composer-filters" aria-label="Filters">
          {filters.map((filter) => (
            <li key={`${filter.field}:${filter.value}:${filter.isExcluded}`}>
              <Chip
                tone="accent"
                onRemove={() => onFilters(filters.filter((each) => !isSameFilter(each, filter)))}
              >
                {describeFilter(filter)}
              </Chip>
            </li>
          ))}
        </ul>
      )}
      <textarea
        ref={field}
        class="composer-field"
        aria-label="Question"
        placeholder={isFollowUp ? "Ask more, or something else" : "Ask a question"}
        rows={1}
        aria-invalid={isTooLong}
        value={text}
        onInput={(event) => onText(event.currentTarget.value)}
        onKeyDown={(event) => {
          // Elsewhere this key leads here: someone who does not see that the field has the focus already.
          if (event.key === "/" && text === "") event.preventDefault();
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          if (canAsk) onAsk();
        }}
      />
      {length >= countedFrom && (
        <p class={`composer-count ${isTooLong ? "composer-too-long" : ""}`} role="status">
          {count(length)} of {count(longestQuestion)} characters
          {isTooLong && `: shorten it by ${count(length - longestQuestion)}`}
        </p>
      )}
      <div class="composer-foot">
        {onOpenFilters && (
          <Button look="quiet" icon="filter" onClick={onOpenFilters}>
            Filters
          </Button>
        )}
        <span class="composer-hint">
          {isBusy ? (
            <>
              <Keys keys="Esc" /> stops
            </>
          ) : (
            <>
              <Keys keys="Enter" /> asks
            </>
          )}
        </span>
        {isBusy ? (
          <IconButton icon="stop" look="plain" label="Stop the answer" onClick={onStop} />
        ) : (
          <IconButton icon="send" look="primary" label="Ask" type="submit" disabled={!canAsk} />
        )}
      </div>
    </form>
  );
}
