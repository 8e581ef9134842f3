import { describe, expect, it } from "vitest";
import { OutageNotes } from "../../src/cli/outage-notes.ts";

/** Notes of failed attempts at these seconds, and of an answer at the end. */
function notesOf(failures: readonly number[], answer: number): string[] {
  let seconds = 0;
  const notes: string[] = [];
  const note = (text: string) => notes.push(`${seconds} s: ${text}`);
  const outage = new OutageNotes({ waiting: note, note }, () => seconds * 1_000);
  const attempt = { type: "attempt-end", endpoint: "range", attempt: 1, durationMs: 0, bytes: 0 } as const;
  for (const at of failures) {
    seconds = at;
    outage.observe({ ...attempt, error: "connection" }, "upstash");
  }
  seconds = answer;
  outage.observe(attempt, "upstash");
  return notes;
}

describe("a target that does not answer while requests are repeated (MIG-5)", () => {
  it("is named after 5 seconds, and when it answers again", () => {
    expect(notesOf([0, 1, 3, 6, 12], 20)).toEqual([
      "6 s: upstash has not answered for 6 s (connection). Requests are repeated; Ctrl-C stops safely.",
      "12 s: upstash has not answered for 12 s (connection). Requests are repeated; Ctrl-C stops safely.",
      "20 s: upstash answers again, after 20 s.",
    ]);
  });

  it("is not mentioned for a short fault", () => {
    expect(notesOf([0, 1, 4], 5)).toEqual([]);
  });
});
