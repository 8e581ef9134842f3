import { useEffect, useLayoutEffect } from "preact/hooks";
import { type AskAddress, readAddress, writeAddress } from "./address.ts";
import type { Turn } from "./turn.ts";
import type { Conversation } from "./use-conversation.ts";

interface AddressOptions extends Pick<Conversation, "turns" | "ask" | "askAgain"> {
  /** What the address said when the page opened. */
  readonly start: AskAddress;
  readonly focused: Turn | undefined;
  readonly openRecord: string | undefined;
  readonly onFocus: (turn: number | undefined) => void;
  readonly onRecord: (id: string | undefined) => void;
}

/** Keeps the address of the page: what it opens with, what it says now, and where Back leads. */
export function useAddress(options: AddressOptions): void {
  const { start, turns, ask, askAgain, focused, openRecord, onFocus, onRecord } = options;
  // An address from elsewhere: its question is not in this session's conversation, so it is asked.
  useEffect(() => {
    const { question, turn, filters, removed } = start;
    if (question === undefined || question.trim() === "") return;
    if (turns.some(({ id, question: own }) => own === question && (turn === undefined || turn === id)))
      return;
    onFocus(ask(question, filters, removed));
  }, []);

  const address = writeAddress(focused, openRecord);
  // Before the paint: a reload or a link that follows at once must find it.
  useLayoutEffect(() => {
    history.replaceState(null, "", address);
  }, [address]);
  useLayoutEffect(() => {
    const onPopState = () => {
      const { turn: id, record, filters, removed } = readAddress(location.search);
      const turn = turns.find((each) => each.id === id);
      onFocus(id);
      onRecord(record);
      if (turn === undefined) return;
      const isAsItWas = JSON.stringify([turn.filters, turn.removed]) === JSON.stringify([filters, removed]);
      if (!isAsItWas) askAgain(turn, { filters, removed });
      document.getElementById(`turn-${turn.id}`)?.scrollIntoView({ block: "start" });
    };
    addEventListener("popstate", onPopState);
    return () => removeEventListener("popstate", onPopState);
  }, [turns, askAgain]);

  useEffect(() => {
    document.title = focused === undefined ? "Ask · ragfood" : `${focused.question} · ragfood`;
  }, [focused?.question]);
}
