import { expect, it } from "vitest";
import { UsageError } from "../../src/foundation/errors.ts";
import { FeedbackRepository } from "../../src/state/feedback.ts";
import { describeOnEachStore } from "./contract.ts";

const dayMs = 86_400_000;
const start = Date.UTC(2026, 10, 30, 12);

describeOnEachStore("feedback on answers (OPS-4)", (create) => {
  it("keeps a vote with its answer, for every process that shares the state", async () => {
    const store = create();
    const [one, other] = [await store.open({ now: () => start }), await store.open()];
    const feedback = { answerId: "a1", caller: "key-1", vote: "up", comment: "Good 🍛" } as const;
    const answer = { question: "What is injera?", store: "upstash", generator: "ollama" };
    expect(await new FeedbackRepository(one).vote({ ...feedback, ...answer })).toBe("added");
    expect(await new FeedbackRepository(other).list()).toEqual([
      { ...feedback, ...answer, number: 1, createdAt: start, changedAt: start },
    ]);
  });

  it("has one vote for each answer and caller, who may change it", async () => {
    let now = start;
    const repository = new FeedbackRepository(await create().open({ now: () => now }));
    await repository.vote({ answerId: "a1", caller: "c1", vote: "up", comment: "Good" });
    await repository.vote({ answerId: "a1", caller: "c2", vote: "up" });
    now += dayMs;
    expect(await repository.vote({ answerId: "a1", caller: "c1", vote: "down" })).toBe("changed");
    const [second, first] = await repository.list();
    expect(first).toMatchObject({ caller: "c1", vote: "down", createdAt: start, changedAt: now });
    expect(first?.comment).toBeUndefined();
    expect(second).toMatchObject({ caller: "c2", vote: "up" });
    expect(await repository.byDay()).toEqual([{ day: "2026-11-30", up: 1, down: 1 }]);
  });

  it("counts votes by day within a span, and pages through the newest first", async () => {
    let now = start;
    const repository = new FeedbackRepository(await create().open({ now: () => now }));
    for (const [place, vote] of (["up", "down", "up", "up"] as const).entries()) {
      now = start + Math.floor(place / 2) * dayMs;
      await repository.vote({ answerId: `a${place}`, caller: "c", vote });
    }
    expect(await repository.byDay()).toEqual([
      { day: "2026-11-30", up: 1, down: 1 },
      { day: "2026-12-01", up: 2, down: 0 },
    ]);
    expect(await repository.byDay({ from: start + 1, to: now + 1 })).toHaveLength(1);
    expect(await repository.byDay({ to: start })).toEqual([]);
    const page = await repository.list({ limit: 2 });
    expect(page.map(({ answerId }) => answerId)).toEqual(["a3", "a2"]);
    const next = await repository.list({ limit: 2, before: page[1]!.number });
    expect(next.map(({ answerId }) => answerId)).toEqual(["a1", "a0"]);
    expect(await repository.list({ vote: "down" })).toHaveLength(1);
  });

  it("refuses a comment that is too long or no Unicode, and keeps the beginning of a long question", async () => {
    const repository = new FeedbackRepository(await create().open());
    const vote = { answerId: "a", caller: "c", vote: "up" } as const;
    await expect(repository.vote({ ...vote, comment: "x".repeat(2_001) })).rejects.toThrow(UsageError);
    await expect(repository.vote({ ...vote, comment: "\0" })).rejects.toThrow(/NUL/);
    await expect(repository.vote({ ...vote, comment: "\ud83c" })).rejects.toThrow(UsageError);
    await expect(repository.vote({ ...vote, answerId: "" })).rejects.toThrow(/answerId/);
    expect(await repository.list()).toEqual([]);
    await repository.vote({ ...vote, question: `${"q".repeat(2_500)}\0` });
    const [kept] = await repository.list();
    expect(kept?.question).toBe(`${"q".repeat(1_999)}…`);
  });

  it("deletes what is older than the retention, when it is asked to and as votes arrive", async () => {
    let now = start;
    const state = await create().open({ now: () => now });
    const repository = new FeedbackRepository(state, { retentionDays: 10 });
    const ids = async () => (await repository.list()).map(({ answerId }) => answerId);
    await repository.vote({ answerId: "old", caller: "c", vote: "up" });
    now += 10 * dayMs;
    expect(await repository.prune()).toBe(0);
    now += dayMs;
    await repository.vote({ answerId: "new", caller: "c", vote: "up" });
    expect(await ids()).toEqual(["new"]);
    now += 11 * dayMs;
    expect(await repository.prune()).toBe(1);
    expect(await ids()).toEqual([]);
  });
});
