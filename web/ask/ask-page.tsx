import type { JSX } from "preact";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { Dialog } from "../components/dialog.tsx";
import { Skeleton } from "../components/skeleton.tsx";
import { useMedia } from "../components/use-media.ts";
import { useServiceLine } from "../service/use-service-line.ts";
import { pageAction, usePageActions } from "../shell/page-actions.ts";
import { Shell } from "../shell/shell.tsx";
import { useSearchKey } from "../shell/use-search-key.ts";
import { readAddress, writeAddress } from "./address.ts";
import { AskAside } from "./ask-aside.tsx";
import type { ChosenFilter } from "./chosen-filter.ts";
import { Composer } from "./composer.tsx";
import { Filters } from "./filters.tsx";
import { RecordDrawer } from "./record-drawer.tsx";
import type { Turn, TurnChange } from "./turn.ts";
import { TurnView } from "./turn-view.tsx";
import { Understood } from "./understood.tsx";
import { useAddress } from "./use-address.ts";
import { useConversation } from "./use-conversation.ts";
import { useFacets } from "./use-facets.ts";
import { useLitSource } from "./use-lit-source.ts";
import { Welcome } from "./welcome.tsx";
import "./ask-page.css";

/** The page Ask: the conversation, and the sources of the answer in focus. */
export function AskPage(): JSX.Element {
  const conversation = useConversation();
  const { turns, busy, ask, askAgain, stop, clear, vote } = conversation;
  const start = useMemo(() => readAddress(location.search), []);
  const [text, setText] = useState("");
  const [filters, setFilters] = useState<readonly ChosenFilter[]>([]);
  const [focusedId, setFocusedId] = useState<number | undefined>(start.turn ?? turns.at(-1)?.id);
  const [openRecord, setOpenRecord] = useState<string | undefined>(start.record);
  const [areFiltersOpen, setAreFiltersOpen] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const isFieldWanted = useRef(true);
  const data = useFacets();
  const service = useServiceLine();
  const isNarrow = useMedia("(max-width: 960px)");
  const focused = turns.find(({ id }) => id === focusedId) ?? turns.at(-1);
  const isEmpty = turns.length === 0;
  const { lit, setLit, light, follow } = useLitSource({ focused, onFocus: setFocusedId, isNarrow });

  const askNow = useCallback(
    (question: string, chosen: readonly ChosenFilter[] = filters) => {
      const id = ask(question.trim(), chosen);
      setFocusedId(id);
      setText("");
      setLit(undefined);
      // Back leads to the question before. The page without a question has nothing to go back to.
      if (!isEmpty) history.pushState(null, "", location.href);
      isFieldWanted.current = true;
    },
    [ask, filters, isEmpty],
  );

  // The first question moves the composer, so its field exists only after the next render. On a touch screen the
  // keyboard would cover the answer.
  useLayoutEffect(() => {
    if (isFieldWanted.current && !matchMedia("(pointer: coarse)").matches)
      field.current?.focus({ preventScroll: true });
    isFieldWanted.current = false;
  });

  useAddress({
    start,
    turns,
    ask,
    askAgain,
    focused,
    openRecord,
    onFocus: setFocusedId,
    onRecord: setOpenRecord,
  });

  // A new question begins at the top of what is visible.
  const lastId = turns.at(-1)?.id;
  useEffect(() => {
    if (lastId !== undefined) document.getElementById(`turn-${lastId}`)?.scrollIntoView({ block: "start" });
  }, [lastId]);

  useSearchKey(useCallback(() => field.current?.focus(), []));
  useLayoutEffect(() => {
    const onKeyDown = ({ key }: KeyboardEvent) => key === "Escape" && stop();
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [stop]);

  const changeTurn = (turn: Turn, change: TurnChange) => {
    setFocusedId(turn.id);
    // A filter that is removed from the last question is not wanted for the next one either.
    if (change.filters && turn.id === turns.at(-1)?.id) setFilters(change.filters);
    if (change.filters ?? change.removed) {
      // Back leads to this question as it was, also if another one was in focus.
      if (turn.id !== focused?.id) history.pushState(null, "", writeAddress(turn, undefined));
      history.pushState(null, "", location.href);
    }
    askAgain(turn, change);
  };

  const startAnew = useCallback(() => {
    clear();
    setFocusedId(undefined);
    setLit(undefined);
    isFieldWanted.current = true;
  }, [clear]);
  usePageActions(() => [
    pageAction("New conversation", "plus", startAnew),
    pageAction("Filters", "filter", () => setAreFiltersOpen(true)),
  ]);

  const composer = (
    <Composer
      field={field}
      text={text}
      onText={setText}
      filters={filters}
      onFilters={setFilters}
      {...((isNarrow || !isEmpty) && { onOpenFilters: () => setAreFiltersOpen(true) })}
      isBusy={busy !== undefined}
      isFollowUp={!isEmpty}
      onAsk={() => askNow(text)}
      onStop={stop}
    />
  );
  const filterList =
    data === undefined ? (
      <Skeleton lines={12} label="Filters are loading" />
    ) : (
      <Filters groups={data.groups} chosen={filters} onChange={setFilters} />
    );

  return (
    <Shell page="ask" service={service} onAsk={askNow}>
      <div class={`ask ${isNarrow ? "ask-narrow" : ""}`}>
        <section class="ask-conversation" aria-label="Conversation">
          <header class="page-head ask-head">
            <h1 class="ask-title">Ask</h1>
            {!isEmpty && (
              <Button look="quiet" icon="plus" onClick={startAnew}>
                New conversation
              </Button>
            )}
          </header>
          <div class="ask-scroll">
            <div class="ask-column">
              {isEmpty ? (
                <Welcome data={data} onAsk={askNow}>
                  {composer}
                </Welcome>
              ) : (
                turns.map((turn) => (
                  <TurnView
                    key={turn.id}
                    turn={turn}
                    isInFocus={turn.id === focused?.id}
                    hasOwnSources={isNarrow}
                    lit={lit}
                    onLight={(number) => light(turn.id, number)}
                    onFollow={(number) => follow(turn.id, number)}
                    onFocus={() => setFocusedId(turn.id)}
                    onChange={(change) => changeTurn(turn, change)}
                    onAsk={askNow}
                    onEdit={() => {
                      setText(turn.question);
                      field.current?.focus();
                    }}
                    onVote={(given) => vote(turn, given)}
                    onOpenRecord={setOpenRecord}
                  />
                ))
              )}
            </div>
          </div>
          {!isEmpty && (
            <div class="ask-composer">
              <div class="ask-column">{composer}</div>
            </div>
          )}
        </section>
        {!isNarrow && (
          <AskAside
            focused={focused}
            isOneOfMany={turns.length > 1}
            lit={lit}
            onLight={setLit}
            onOpen={setOpenRecord}
          >
            {filterList}
          </AskAside>
        )}
      </div>
      <p class="only-for-readers" role="status">
        {focused?.state === "done" ? "The answer is complete." : ""}
      </p>
      {areFiltersOpen && (
        <Dialog place="drawer" title="Filters" onClose={() => setAreFiltersOpen(false)}>
          {focused?.plan && (
            <div class="ask-filters-note">
              <p>Filters apply to your next question. The last one was understood as this:</p>
              <Understood turn={focused} onChange={(change) => changeTurn(focused, change)} />
            </div>
          )}
          {filterList}
        </Dialog>
      )}
      {openRecord !== undefined && (
        <RecordDrawer
          key={openRecord}
          id={openRecord}
          answer={focused?.text ?? ""}
          known={focused?.sources?.find(({ id }) => id === openRecord)}
          onClose={() => setOpenRecord(undefined)}
        />
      )}
    </Shell>
  );
}
