import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { FeedbackRequest } from "../service/contract.ts";
import { ProblemError, problemOf } from "../service/problem-error.ts";
import { request } from "../service/request.ts";
import { sessionId } from "../service/session-id.ts";
import { rememberQuestion } from "../shell/recent-questions.ts";
import { type AskEvent, askStream } from "./ask-stream.ts";
import { type ChosenFilter, toFilterText } from "./chosen-filter.ts";
import { historyBefore, keepConversation, readConversation } from "./conversation.ts";
import {
  afterEvent,
  isBusy,
  newTurn,
  type RemovedPart,
  type Turn,
  type TurnChange,
  type Vote,
} from "./turn.ts";

export interface Conversation {
  readonly turns: readonly Turn[];
  /** The turn that is being answered. */
  readonly busy: Turn | undefined;
  /** Asks a new question and returns the id of its turn. */
  ask(question: string, filters: readonly ChosenFilter[], removed?: readonly RemovedPart[]): number;
  /** Asks a question of the conversation again, with other filters or parts if given. */
  askAgain(turn: Turn, change?: TurnChange): void;
  stop(): void;
  clear(): void;
  /** @throws {ProblemError} if the service does not take it */
  vote(turn: Turn, vote: Vote): Promise<void>;
}

/** Milliseconds between two updates of the page while text streams in. */
const updateMs = 40;

/** The conversation: kept in the session, one question at a time. */
export function useConversation(): Conversation {
  const [turns, setTurns] = useState<readonly Turn[]>(readConversation);
  const current = useRef(turns);
  const running = useRef<AbortController>(undefined);
  /** The last run of each turn: what an earlier one still sends belongs to an answer that nobody sees. */
  const runs = useRef(new Map<number, AbortController>());

  const update = useCallback((change: (before: readonly Turn[]) => readonly Turn[]) => {
    current.current = change(current.current);
    setTurns(current.current);
  }, []);
  const updateTurn = useCallback(
    (id: number, change: (turn: Turn) => Turn) =>
      update((before) => before.map((turn) => (turn.id === id ? change(turn) : turn))),
    [update],
  );

  useEffect(() => {
    const keep = () => keepConversation(current.current);
    const timer = setTimeout(keep, 250);
    addEventListener("pagehide", keep);
    return () => {
      clearTimeout(timer);
      removeEventListener("pagehide", keep);
    };
  });

  const stop = useCallback(() => running.current?.abort(), []);

  const run = useCallback(
    async (turn: Turn) => {
      running.current?.abort();
      const control = new AbortController();
      running.current = control;
      runs.current.set(turn.id, control);
      const change = (next: (before: Turn) => Turn) => {
        if (runs.current.get(turn.id) === control) updateTurn(turn.id, next);
      };
      const filter = toFilterText(turn.filters);
      const body = {
        question: turn.question,
        history: historyBefore(current.current, turn.id),
        ...(filter !== undefined && { filter }),
        ...(turn.removed.length > 0 && { ignore: turn.removed.map(({ key }) => key) }),
      };
      // Pieces of text arrive faster than a page should render.
      let waiting: AskEvent[] = [];
      const flush = () => {
        const events = waiting;
        waiting = [];
        if (events.length > 0) change((before) => events.reduce(afterEvent, before));
      };
      const timer = setInterval(flush, updateMs);
      try {
        for await (const event of askStream(body, control.signal)) {
          waiting.push(event);
          if (event.name !== "text") flush();
        }
      } catch (error) {
        flush();
        change((before) =>
          control.signal.aborted
            ? { ...before, state: "stopped" }
            : { ...before, state: "failed", problem: problemOf(error), ...retryOf(error) },
        );
      } finally {
        clearInterval(timer);
        if (running.current === control) running.current = undefined;
      }
    },
    [updateTurn],
  );

  const ask: Conversation["ask"] = useCallback(
    (question, filters, removed = []) => {
      const id = (current.current.at(-1)?.id ?? 0) + 1;
      const turn = newTurn(id, { question, filters, removed });
      rememberQuestion(question);
      update((before) => [...before, turn]);
      void run(turn);
      return id;
    },
    [run, update],
  );
  const askAgain: Conversation["askAgain"] = useCallback(
    (before, change = {}) => {
      // What was understood stays until the new answer says otherwise, also if none comes.
      const turn = {
        ...newTurn(before.id, { ...before, ...change }),
        ...(before.plan && { plan: before.plan }),
      };
      updateTurn(turn.id, () => turn);
      void run(turn);
    },
    [run, updateTurn],
  );
  const clear = useCallback(() => {
    stop();
    update(() => []);
  }, [stop, update]);
  const vote: Conversation["vote"] = useCallback(
    async (turn, given) => {
      if (turn.answer === undefined) return;
      const body: FeedbackRequest = {
        answerId: turn.answer.id,
        question: turn.question,
        session: sessionId(),
        ...given,
      };
      await request("./api/feedback", { method: "POST", body });
      updateTurn(turn.id, (before) => ({ ...before, vote: given }));
    },
    [updateTurn],
  );

  return { turns, busy: turns.find(isBusy), ask, askAgain, stop, clear, vote };
}

function retryOf(error: unknown): Pick<Turn, "retryAt"> {
  if (!(error instanceof ProblemError) || error.retryAfter === undefined) return {};
  return { retryAt: Date.now() + error.retryAfter * 1_000 };
}
