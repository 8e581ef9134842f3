import { expect, it, onTestFinished } from "vitest";
import { readSettings } from "../../../src/config/settings.ts";
import { feedbackSection } from "../../../src/operations/feedback/feedback-section.ts";
import { FeedbackRepository } from "../../../src/state/feedback.ts";
import { openState } from "../../../src/state/open.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";

it("shows the share of thumbs up and the last three comments", async () => {
  const state = await openState(readSettings({ RAGFOOD_DIR: temporaryDirectory() }));
  onTestFinished(() => state.close());
  const repository = new FeedbackRepository(state);
  expect(await feedbackSection(repository)).toMatchObject({ condition: "unknown", time: null });
  for (const comment of ["first", undefined, "second", "third", "fourth"]) {
    await repository.vote({
      answerId: `of-${comment}`,
      caller: "test",
      vote: comment ? "up" : "down",
      comment,
    });
  }
  const { condition, details } = await feedbackSection(repository);
  expect(condition).toBe("good");
  expect(details).toMatchObject({
    up: 4,
    down: 1,
    comments: [
      { comment: "fourth", vote: "up" },
      { comment: "third", vote: "up" },
      { comment: "second", vote: "up" },
    ],
  });
});
