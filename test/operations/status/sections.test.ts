import { expect, it, onTestFinished, vi } from "vitest";
import { Sections } from "../../../src/operations/watch/sections.ts";

it("a section is read again for a person who looks, at most once a second", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  let sentence = "There is no verified backup yet";
  const section = () => ({ condition: "good", sentence, time: null, isStale: false, details: null }) as const;
  const sections = new Sections({ backups: section });
  await sections.refresh();
  sentence = "The newest backup is of now";
  expect(await sections.refreshForReader()).toBe(false);
  vi.advanceTimersByTime(1_000);
  expect(await sections.refreshForReader()).toBe(true);
  expect(sections.current.backups.sentence).toBe("The newest backup is of now");
});
