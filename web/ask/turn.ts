import type { AnswerResponse, FoodFacts, PlanSummary, Problem, Source } from "../service/contract.ts";
import type { AskEvent } from "./ask-stream.ts";
import type { ChosenFilter } from "./chosen-filter.ts";

/** A part of the question that the user removed: it can be put back. */
export interface RemovedPart {
  /** `diet:vegan`: for `ignore`. */
  readonly key: string;
  readonly label: string;
}

export interface Vote {
  readonly vote: "up" | "down";
  readonly comment?: string;
}

/** A question and all that is known of its answer so far. */
export interface Turn {
  readonly id: number;
  readonly question: string;
  readonly filters: readonly ChosenFilter[];
  readonly removed: readonly RemovedPart[];
  /** `stopped`: by the user, or by a reload of the page. */
  readonly state: "asking" | "answering" | "done" | "stopped" | "failed";
  readonly plan?: PlanSummary;
  readonly sources?: readonly Source[];
  readonly facts?: readonly FoodFacts[];
  readonly text: string;
  readonly notices: readonly string[];
  readonly answer?: AnswerResponse;
  readonly problem?: Problem;
  /** Epoch milliseconds before which the service refuses the question. */
  readonly retryAt?: number;
  /** What failed before another generator answered: for operators. The foot of the answer names who answered. */
  readonly failures?: readonly string[];
  readonly vote?: Vote;
}

/** What changes when a question is asked again. */
export type TurnChange = Partial<Pick<Turn, "filters" | "removed">>;

export function newTurn(
  id: number,
  { question, filters, removed = [] }: Pick<Turn, "question" | "filters"> & Partial<Pick<Turn, "removed">>,
): Turn {
  return { id, question, filters, removed, state: "asking", text: "", notices: [] };
}

/** The turn after an event of its answer. */
export function afterEvent(turn: Turn, event: AskEvent): Turn {
  switch (event.name) {
    case "understanding":
      return { ...turn, plan: event.data.plan };
    case "sources":
      return { ...turn, state: "answering", sources: event.data };
    case "facts":
      return { ...turn, facts: event.data };
    case "text":
      return { ...turn, state: "answering", text: turn.text + event.data.text };
    case "notice": {
      const { kind, text } = event.data;
      // Another generator begins again: what the failed one wrote is void.
      if (kind === "restart") return { ...turn, text: "", failures: [...(turn.failures ?? []), text] };
      return { ...turn, notices: [...turn.notices, text] };
    }
    case "answer": {
      const { plan, sources, facts, text } = event.data;
      const notices = event.data.notices.filter((notice) => !turn.failures?.includes(notice));
      return { ...turn, state: "done", answer: event.data, plan, sources, facts, text, notices };
    }
    case "error":
      return { ...turn, state: "failed", problem: event.data };
  }
}

export function isBusy({ state }: Turn): boolean {
  return state === "asking" || state === "answering";
}

/** Whether ragfood found nothing to answer from. */
export function isDeclined({ state, sources }: Turn): boolean {
  return state === "done" && sources?.length === 0;
}
