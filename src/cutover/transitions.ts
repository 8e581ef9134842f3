import type { Side, Stage } from "../state/cutover/rows.ts";

/** Who leads in each stage. */
export const leaders: Readonly<Record<Stage, Side>> = {
  source: "source",
  "dual-write": "source",
  "shadow-read": "source",
  canary: "source",
  target: "target",
  "target-only": "target",
};

/** What can happen to a cutover. */
export type CutoverEvent = "start" | "advance" | "rollback" | "settle" | "finish";

/** Facts that an event needs besides the stage; docs/cutover-protocol.md describes each. */
export type Requirement =
  /** No leader change is under way. */
  | "no-hold"
  /** The last cutover was rolled back and settled. */
  | "settled"
  /** Every live process acts on the present epoch. */
  | "confirmed"
  /** Confirmed for so long that everything sent under an earlier epoch has landed. */
  | "landed"
  /** The target holds every record. */
  | "level"
  /** No write waits in the queue. */
  | "nothing-queued";

/** One cell of the table: where the event leads, or why it is refused. */
export type Transition =
  | {
      readonly to: Stage;
      /** The leader changes, so a hold comes first. */
      readonly isHeld?: true;
      readonly requires: readonly Requirement[];
    }
  | { readonly refusal: string };

const startFirst = "The cutover has not started. Start it with: ragfood cutover start.";
const hasStarted = "The cutover has started already.";
const notRolledBack = "Only a cutover that was rolled back to `source` settles.";
const notTarget = "Only the stage `target` can be finished.";
const hasEnded = "The cutover is finished: the target stands alone.";

/** Every stage with every event: a missing cell does not compile. */
export const transitions: Readonly<Record<Stage, Readonly<Record<CutoverEvent, Transition>>>> = {
  source: {
    start: { to: "dual-write", requires: ["no-hold", "settled"] },
    advance: { refusal: startFirst },
    rollback: { refusal: "The source leads already." },
    settle: { to: "source", requires: ["no-hold", "landed", "nothing-queued"] },
    finish: { refusal: startFirst },
  },
  "dual-write": {
    start: { refusal: hasStarted },
    advance: { to: "shadow-read", requires: ["no-hold", "confirmed", "level"] },
    rollback: { to: "source", requires: [] },
    settle: { refusal: notRolledBack },
    finish: { refusal: notTarget },
  },
  "shadow-read": {
    start: { refusal: hasStarted },
    advance: { to: "canary", requires: ["no-hold", "confirmed", "level"] },
    rollback: { to: "source", requires: [] },
    settle: { refusal: notRolledBack },
    finish: { refusal: notTarget },
  },
  canary: {
    start: { refusal: hasStarted },
    advance: { to: "target", isHeld: true, requires: ["no-hold", "confirmed", "level"] },
    rollback: { to: "source", requires: [] },
    settle: { refusal: notRolledBack },
    finish: { refusal: notTarget },
  },
  target: {
    start: { refusal: hasStarted },
    advance: { refusal: "The target leads already. End the cutover with: ragfood cutover finish." },
    rollback: { to: "source", isHeld: true, requires: [] },
    settle: { refusal: notRolledBack },
    finish: { to: "target-only", requires: ["no-hold", "landed", "nothing-queued"] },
  },
  "target-only": {
    start: { refusal: hasEnded },
    advance: { refusal: hasEnded },
    rollback: { refusal: hasEnded },
    settle: { refusal: hasEnded },
    finish: { refusal: hasEnded },
  },
};
