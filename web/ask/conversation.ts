import { remembered } from "../../src/rag/understanding/personal.ts";
import type { AskRequest } from "../service/contract.ts";
import { isBusy, type Turn } from "./turn.ts";

const key = "ragfood.conversation";

/** The conversation of this browser session. What a reload interrupted is marked as stopped. */
export function readConversation(): Turn[] {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(key) ?? "[]");
    if (!Array.isArray(stored)) return [];
    return (stored as Turn[]).map((turn) => (isBusy(turn) ? { ...turn, state: "stopped" } : turn));
  } catch {
    return [];
  }
}

/** Keeps the conversation for a reload. If the browser's space is used up, the oldest turns are dropped. */
export function keepConversation(turns: readonly Turn[]): void {
  for (let first = 0; first <= turns.length; first++) {
    try {
      sessionStorage.setItem(key, JSON.stringify(turns.slice(first)));
      return;
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
    }
  }
}

/** Earlier questions and answers that a follow-up may refer to, without the parts that the user removed. */
export function historyBefore(turns: readonly Turn[], id: number): NonNullable<AskRequest["history"]> {
  const done = turns.filter((turn) => turn.id < id && turn.state === "done");
  return remembered(done, longestHistory).map(({ question, text, removed }) => ({
    question,
    answer: text,
    ...(removed.length > 0 && { ignore: removed.map(({ key }) => key) }),
  }));
}

/** Exchanges that are sent with a question. */
const longestHistory = 8;
