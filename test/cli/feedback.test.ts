import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { spanOf } from "../../src/cli/span.ts";
import { UsageError } from "../../src/foundation/errors.ts";
import { FeedbackRepository } from "../../src/state/feedback.ts";
import { openSqliteState } from "../../src/state/sqlite.ts";
import { project } from "../helpers/project.ts";
import { runHere } from "../helpers/run-here.ts";

describe("ragfood feedback list (OPS-4)", () => {
  it("lists votes, the newest first, with the satisfaction; harmful text stays on its line", async () => {
    const { directory } = project("RAGFOOD_DIR=.\n");
    const state = openSqliteState(join(directory, "state.sqlite3"));
    const repository = new FeedbackRepository(state);
    await repository.vote({ answerId: "a1", caller: "c", vote: "up", question: "What is injera?" });
    await repository.vote({ answerId: "a2", caller: "c", vote: "down", comment: "Wrong.\nError: fake" });
    await state.close();
    const { out } = await runHere(["feedback", "list"], { directory });
    const lines = out.split("\n");
    expect(lines[0]).toMatch(/^down {2}\d{4}-\d{2}-\d{2} \d{2}:\d{2} UTC {2}\(question not known\)$/);
    expect(lines[1]).toBe("      Wrong. Error: fake");
    expect(lines[2]).toMatch(/^up .* What is injera\?$/);
    expect(out).toContain("Satisfaction: 50 % of 2 votes are up (95 %: 9 to 91 %).");
    const json = JSON.parse(
      (await runHere(["feedback", "list", "--vote", "up", "--json"], { directory })).out,
    );
    expect(json.feedback).toMatchObject([{ answerId: "a1", vote: "up" }]);
    expect(json.satisfaction).toMatchObject({ up: 1, down: 1, share: 0.5 });
    const before = await runHere(["feedback", "list", "--to", "2026-01-01"], { directory });
    expect(before.out).toBe("Satisfaction: no votes.\n");
  });

  it("creates no state by looking", async () => {
    const { directory } = project();
    const { code, error } = await runHere(["feedback", "list"], { directory });
    expect(code).toBe(1);
    expect(error).toContain("Nothing is recorded yet");
  });
});

describe("a span of time on the command line", () => {
  const now = Date.UTC(2026, 10, 30, 12);
  const none = { last: undefined, from: undefined, to: undefined };

  it("is the last seven days, or as long as asked, or from and to in UTC", () => {
    expect(spanOf(none, now)).toEqual({ from: now - 7 * 86_400_000, to: now });
    expect(spanOf({ ...none, last: "12h" }, now).from).toBe(now - 12 * 3_600_000);
    expect(spanOf({ ...none, from: "2026-11-01", to: "2026-11-02T10:30" }, now)).toEqual({
      from: Date.UTC(2026, 10, 1),
      to: Date.UTC(2026, 10, 2, 10, 30),
    });
    expect(spanOf({ ...none, from: "2026-11-01T10:00+02:00" }, now).from).toBe(Date.UTC(2026, 10, 1, 8));
  });

  it.each([
    [{ ...none, last: "7" }],
    [{ ...none, last: "0d" }],
    [{ ...none, from: "yesterday" }],
    [{ ...none, from: "2026-13-01" }],
    [{ ...none, from: "2026-12-01" }],
    [{ ...none, last: "7d", to: "2026-11-01" }],
  ])("a span of time is refused: %j", (values) => {
    expect(() => spanOf(values, now)).toThrow(UsageError);
  });
});
