import { describe, expect, it } from "vitest";
import { historyWords } from "../../src/cutover/history-text.ts";
import type { HistoryEntry } from "../../src/state/cutover/rows.ts";

const names = { source: "embedded", target: "upstash" };

/** @param events the newest first */
function wordsOf(...events: readonly string[]): string[] {
  const history = events.map((event) => ({
    event,
    from: "canary",
    to: "target",
    leader: "target",
    evidence: "",
  }));
  return historyWords(history as unknown as HistoryEntry[], names);
}

describe("the history of a cutover in words", () => {
  it("says that writes wait only while they do", () => {
    expect(wordsOf("advance: hold")[0]).toBe("Switch began: writes wait until upstash has every record");
    expect(wordsOf("flip", "advance: hold")[1]).toBe("Switched to upstash");
    expect(wordsOf("cancel", "advance: hold")[1]).toBe("Switch to upstash began");
    expect(wordsOf("rollback: hold")[0]).toBe(
      "Rolled back: answers come from embedded, which takes the writes as soon as it has every record",
    );
    expect(wordsOf("settle", "flip", "rollback: hold", "flip", "advance: hold").slice(2)).toEqual([
      "Rolled back: answers come from embedded",
      "upstash has every record and takes the writes: stage target",
      "Switched to upstash",
    ]);
  });
});
