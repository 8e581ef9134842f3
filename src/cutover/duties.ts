import type { Control, Side } from "../state/cutover/rows.ts";
import { otherSide } from "./parts.ts";

/** What a store of a pair does at present. */
export interface StoreDuty {
  /** `unused`: it gets neither questions nor writes. */
  readonly role: "primary" | "secondary" | "unused";
  /** For people, to follow the name of the store: "answers every question and takes every write". */
  readonly duty: string;
}

const alone = "answers every question and takes every write";
const follows = "receives a copy of each write";

/**
 * Which store answers and which one follows: the one place that says so, for the status, the dashboard and commands.
 * A rollback moves the reads before it moves the leader.
 */
export function dutiesOf(control: Control): Readonly<Record<Side, StoreDuty>> {
  const { stage, leader, hold, isRecording, canaryPercent, lost } = control;
  if (lost) {
    const emptied: StoreDuty = { role: "secondary", duty: "has lost its records, and is not asked" };
    const other: StoreDuty = { role: "primary", duty: "answers every question" };
    return lost === "source" ? { source: emptied, target: other } : { source: other, target: emptied };
  }
  if (hold?.to === "source" && leader === "target") {
    return {
      source: { role: "primary", duty: "answers every question, and gets the writes that wait" },
      target: { role: "secondary", duty: "is no longer asked: the rollback is under way" },
    };
  }
  const unused: StoreDuty = { role: "unused", duty: "is not in use" };
  const follower = (duty: string): StoreDuty => ({ role: "secondary", duty });
  const leading = (duty: string): StoreDuty => ({ role: "primary", duty });
  switch (stage) {
    case "source":
      return { source: leading(alone), target: isRecording ? follower("gets its last writes") : unused };
    case "dual-write":
      return { source: leading(alone), target: follower(follows) };
    case "shadow-read":
      return {
        source: leading(alone),
        target: follower(`${follows}; its answers are compared, and users do not see them`),
      };
    case "canary":
      return {
        source: leading(`answers ${100 - canaryPercent} % of the questions and takes every write`),
        target: follower(`answers ${canaryPercent} % of the questions and ${follows}`),
      };
    case "target":
      return { source: follower(`${follows}, so that a rollback loses nothing`), target: leading(alone) };
    case "target-only":
      return { source: unused, target: leading(alone) };
  }
}

/** Who answers questions, in a sentence without its stop: "Answers come from embedded". */
export function answersFrom(control: Control, names: Readonly<Record<Side, string>>): string {
  const { lost } = control;
  if (lost) return `Answers come from ${names[otherSide(lost)]}: ${names[lost]} has lost its records`;
  if (control.stage === "canary" && control.hold?.to !== "source") {
    const { canaryPercent } = control;
    return `Answers come from ${names.source} (${100 - canaryPercent} %) and ${names.target} (${canaryPercent} %)`;
  }
  const { source } = dutiesOf(control);
  return `Answers come from ${source.role === "primary" ? names.source : names.target}`;
}
