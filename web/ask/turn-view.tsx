import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button, IconButton } from "../components/button.tsx";
import { KeyForm } from "../components/key-form.tsx";
import { State } from "../components/state.tsx";
import { useNow } from "../components/use-now.ts";
import { Icon } from "../icons/icon.tsx";
import type { Problem } from "../service/contract.ts";
import { adviceOn, needsKey, sentence } from "../service/problem-error.ts";
import { AnswerBody } from "./answer-body.tsx";
import { toFilterText } from "./chosen-filter.ts";
import type { CitationProps } from "./citation.tsx";
import { otherExamples } from "./examples.ts";
import { FactsTable } from "./facts-table.tsx";
import { Feedback } from "./feedback.tsx";
import { followUps } from "./follow-ups.ts";
import { SourceList } from "./source-list.tsx";
import { isBusy, isDeclined, type Turn, type TurnChange, type Vote } from "./turn.ts";
import { Understood } from "./understood.tsx";
import "./turn-view.css";

interface TurnViewProps extends Pick<CitationProps, "lit" | "onLight" | "onFollow"> {
  readonly turn: Turn;
  /** Whether its sources are beside the conversation. */
  readonly isInFocus: boolean;
  /** Whether sources fold under their answer: on narrow pages. */
  readonly hasOwnSources: boolean;
  readonly onFocus: () => void;
  readonly onChange: (change: TurnChange) => void;
  readonly onAsk: (question: string) => void;
  /** Puts the question into the field. */
  readonly onEdit: () => void;
  readonly onVote: (vote: Vote) => Promise<void>;
  readonly onOpenRecord: (id: string) => void;
}

/** Characters of a question from which on its heading is cut: the answer must stay in sight. */
const longQuestion = 160;

/** A question and its answer, in whatever state it is. */
export function TurnView(props: TurnViewProps): JSX.Element {
  const { turn, isInFocus, hasOwnSources, onFocus, onChange, onAsk, onEdit, onVote, onOpenRecord } = props;
  const { lit, onLight, onFollow } = props;
  const { id, question, state, text, sources = [], facts = [], plan, answer, notices, problem } = turn;
  const heading = `question-${id}`;
  const isLong = question.length > longQuestion;
  const [isCut, setIsCut] = useState(isLong);
  const allMatches = answer === undefined ? undefined : filterOf(turn);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a shortcut for the pointer; marks and the button have the keys.
    <article
      id={`turn-${id}`}
      class={`turn ${isInFocus ? "turn-focused" : ""}`}
      aria-labelledby={heading}
      aria-busy={isBusy(turn)}
      onClick={({ target }) => {
        // A button decides itself: a follow-up leads to another turn.
        if ((target as Element).closest("button") === null) onFocus();
      }}
    >
      <div class="turn-head">
        <div>
          <h2 class={`turn-question ${isCut ? "turn-question-cut" : ""}`} id={heading}>
            {question}
          </h2>
          {isLong && (
            <Button look="link" onClick={() => setIsCut(!isCut)}>
              {isCut ? "Show the whole question" : "Show less"}
            </Button>
          )}
        </div>
        <IconButton icon="edit" label="Edit the question" onClick={onEdit} />
      </div>
      <Understood turn={turn} onChange={onChange} />
      {text === "" && isBusy(turn) && (
        <p class="turn-waiting" role="status">
          {turn.sources === undefined ? "Searching the records" : "Writing the answer"}
        </p>
      )}
      {hasOwnSources && turn.sources === undefined && isBusy(turn) && (
        <SourceList turn={turn} lit={undefined} onLight={onLight} onOpen={onOpenRecord} />
      )}
      {text !== "" && (
        <AnswerBody
          text={text}
          sources={sources}
          plan={plan}
          isStreaming={isBusy(turn)}
          lit={isInFocus ? lit : undefined}
          onLight={onLight}
          onFollow={onFollow}
        />
      )}
      {/* The text of a comparison is a table itself. */}
      {plan !== undefined && plan.kind !== "compare" && facts.length > 0 && (
        <FactsTable facts={facts} asked={plan.asked} />
      )}
      {answer?.alternative !== undefined && (
        <State
          icon="warning"
          tone="warning"
          title="Parts of this answer are not in the sources. The sources say:"
        >
          {answer.alternative}
        </State>
      )}
      {notices.length > 0 && (
        <ul class="turn-notices">
          {notices.map((notice) => (
            <li key={notice}>
              <Icon name="info" size={14} />
              <span>{notice}</span>
            </li>
          ))}
        </ul>
      )}
      {state === "failed" && problem && (
        <Failure problem={problem} retryAt={turn.retryAt} onRetry={() => onChange({})} />
      )}
      {state === "stopped" && (
        <div class="turn-stopped">
          <span>Stopped before the answer was complete.</span>
          <Button icon="refresh" onClick={() => onChange({})}>
            Ask again
          </Button>
        </div>
      )}
      {answer && (
        <div class="turn-foot">
          <p class="turn-meta">
            {metaLine(turn)}
            {allMatches !== undefined && (
              <>
                {" · "}
                <a
                  title="Every record that meets these conditions"
                  href={`./data?${new URLSearchParams({ filter: allMatches })}`}
                >
                  all matches
                </a>
              </>
            )}
          </p>
          <Feedback given={turn.vote} onVote={onVote} />
        </div>
      )}
      {hasOwnSources && sources.length > 0 && (
        <details class="turn-sources" id={`sources-${id}`}>
          <summary>
            <Icon name="right" size={14} />
            {sources.length === 1 ? "1 source" : `${sources.length} sources`}
          </summary>
          <SourceList turn={turn} lit={lit} onLight={onLight} onOpen={onOpenRecord} />
        </details>
      )}
      {state === "done" && (
        <Suggestions
          title={isDeclined(turn) ? "Try one of these" : "Ask next"}
          questions={isDeclined(turn) ? otherExamples(turn) : followUps(turn)}
          onAsk={onAsk}
        />
      )}
    </article>
  );
}

interface FailureProps {
  readonly problem: Problem;
  /** Epoch milliseconds before which the service refuses the question. */
  readonly retryAt: number | undefined;
  readonly onRetry: () => void;
}

/** What happened, what to do, and how to try again. */
function Failure({ problem, retryAt = 0, onRetry }: FailureProps): JSX.Element {
  const { detail, requestId } = problem;
  const isKeyMissing = needsKey(problem);
  const seconds = Math.ceil((retryAt - useNow(500)) / 1_000);
  const retry = (
    <Button icon="refresh" isBusy={seconds > 0} onClick={onRetry}>
      {seconds > 0 ? `Try again in ${seconds} s` : "Try again"}
    </Button>
  );
  return (
    <State
      icon={isKeyMissing ? "key" : "bad"}
      tone={isKeyMissing ? "neutral" : "bad"}
      title={sentence(detail)}
      isAlert
      actions={isKeyMissing ? undefined : retry}
    >
      {adviceOn(problem)}
      {isKeyMissing && <KeyForm scope="read" onSet={onRetry} />}
      {requestId !== "" && <p class="turn-request">Request {requestId}</p>}
    </State>
  );
}

interface SuggestionsProps {
  readonly title: string;
  readonly questions: readonly string[];
  readonly onAsk: (question: string) => void;
}

function Suggestions({ title, questions, onAsk }: SuggestionsProps): JSX.Element | null {
  if (questions.length === 0) return null;
  return (
    <div class="suggestions">
      <p class="suggestions-title">{title}</p>
      <ul class="suggestions-list">
        {questions.map((question) => (
          <li key={question}>
            <Button onClick={() => onAsk(question)}>{question}</Button>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The conditions of a question as a filter of the data browser; `undefined` without one that a field can check. */
function filterOf({ plan, filters }: Turn): string | undefined {
  const conditions = (plan?.constraints ?? []).flatMap(({ filter }) =>
    filter === undefined ? [] : [filter],
  );
  const chosen = toFilterText(filters);
  if (conditions.length === 0 || conditions.length < (plan?.constraints.length ?? 0)) return undefined;
  return [...conditions, ...(chosen === undefined ? [] : [chosen])]
    .map((each) => (/ OR /.test(each) ? `(${each})` : each))
    .join(" AND ");
}

/** `Store: embedded · quoted from the sources, no model · 0.2 s`. */
function metaLine({ answer }: Turn): string {
  if (answer === undefined) return "";
  const { store, generator, timings } = answer;
  const seconds = timings.total / 1_000;
  const time = seconds < 1 ? `${Math.max(1, Math.round(timings.total))} ms` : `${seconds.toFixed(1)} s`;
  return [`${store} store`, generatorName(generator), time].join(" · ");
}

function generatorName(generator: string): string {
  if (generator === "extractive") return "quoted from the sources, no model";
  return generator === "none" ? "no model was asked" : `written by ${generator}`;
}
