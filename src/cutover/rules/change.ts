import type { Control, CutoverRows, Stage } from "../../state/cutover/rows.ts";
import type { NewIncident } from "../../state/incidents.ts";
import { laterChanges } from "../history-text.ts";
import type { Timing } from "../timing.ts";
import {
  type CutoverEvent,
  leaders,
  type Requirement,
  type Transition,
  transitions,
} from "../transitions.ts";
import type { Protocol } from "./protocol.ts";

/** Who changes the stage, and why: it is written to the history. */
export interface Author {
  readonly who: string;
  readonly reason?: string;
  /** JSON: what the gates saw. */
  readonly evidence?: string;
}

/** A change, or the facts that are missing for it. Nothing was changed if any is. */
export type Change =
  | { readonly isDone: true; readonly control: Control }
  | { readonly isDone: false; readonly control: Control; readonly missing: readonly Missing[] };

export interface Missing {
  readonly requirement: Requirement | "stage" | "epoch" | "hold" | "idle" | "copied";
  /** One sentence for a person. */
  readonly message: string;
}

export interface ChangeOptions {
  /** Names the hold if the leader changes; unique. */
  readonly holdId: string;
  /** When `advance` leads to `canary`. Default 0. */
  readonly canaryPercent?: number;
  /** The epoch that the author saw: the change is refused if another one came first. */
  readonly epoch?: number;
  /** The incident that the change opens, in the same transaction: no failure separates the two. */
  readonly incident?: (change: { readonly from: Stage; readonly epoch: number }) => NewIncident;
}

/**
 * Moves to another stage as the table of transitions says: the change, its epoch, its history and its incident in
 * one transaction. A change of the leader begins with a hold.
 */
export function changeStage(
  protocol: Protocol,
  event: CutoverEvent,
  author: Author,
  options: ChangeOptions,
): Promise<Change> {
  // A start puts space aside, so that a rollback finds some on a full disk.
  const reserve = event === "start" || event === "advance" ? "keep" : "use";
  return protocol.transaction(
    async (rows) => {
      const control = await rows.control();
      const isLate = await cameFirst(rows, control, options.epoch);
      if (isLate) return isLate;
      const transition = transitions[control.stage][event];
      if ("refusal" in transition) return refused(control, "stage", transition.refusal);
      const missing = await missingFor(protocol, rows, control, transition.requires);
      if (missing.length > 0) return { isDone: false, control, missing };
      const isHeld =
        transition.isHeld === true && (event !== "rollback" || protocol.guards.rollbackNeedsHold(control));
      if (event === "rollback" && isHeld && control.hold) {
        return refused(control, "hold", "A rollback is under way.");
      }
      if (event === "settle" || event === "finish") await rows.dropMarks();
      const effect = effects[event](control, options, await rows.now(), protocol.timing);
      const next = isHeld
        ? await held(rows, control, transition.to, options.holdId)
        : { ...control, stage: transition.to, leader: leaders[transition.to], hold: undefined };
      const change = await save(
        rows,
        control,
        { ...next, ...effect },
        isHeld ? `${event}: hold` : event,
        author,
      );
      const incident = options.incident?.({ from: control.stage, epoch: change.control.epoch });
      if (incident) await rows.openIncident(incident);
      return change;
    },
    { reserve },
  );
}

/** What the protocol lacks for an event that the stage allows; empty if it can happen now. @throws {StateError} */
export function missingForEvent(protocol: Protocol, event: CutoverEvent): Promise<readonly Missing[]> {
  return protocol.transaction(
    async (rows) => {
      const control = await rows.control();
      const transition = transitions[control.stage][event];
      return "refusal" in transition ? [] : missingFor(protocol, rows, control, transition.requires);
    },
    { readOnly: true },
  );
}

/** What an event changes besides the stage and the leader. */
const effects: Readonly<
  Record<
    CutoverEvent,
    (control: Control, options: ChangeOptions, now: number, timing: Timing) => Partial<Control>
  >
> = {
  start: ({ epoch }) => ({
    isRecording: true,
    isStartComplete: false,
    startEpoch: epoch + 1,
    level: "none",
    levelAfter: 0,
  }),
  advance: ({ stage }, { canaryPercent = 0 }) => (stage === "shadow-read" ? { canaryPercent } : {}),
  rollback: () => ({ canaryPercent: 0 }),
  // While clients write, some write is always on its way: waiting for a moment without one might never end.
  settle: (_control, _options, now, { markLeaseMs, claimLeaseMs }) => ({
    droppedUntil: now + Math.max(markLeaseMs, claimLeaseMs),
    isRecording: false,
    isStartComplete: false,
    level: "none",
    levelAfter: 0,
    lost: undefined,
    binding: undefined,
  }),
  finish: () => ({ isRecording: false, binding: undefined }),
};

async function held(
  rows: CutoverRows,
  control: Control,
  stage: Control["stage"],
  id: string,
): Promise<Control> {
  return { ...control, hold: { id, to: leaders[stage], stage, since: await rows.now() } };
}

/** Changes the share of questions that the target answers. @param epoch that the author saw */
export function setCanary(
  { transaction }: Protocol,
  percent: number,
  author: Author,
  epoch?: number,
): Promise<Change> {
  return transaction(async (rows) => {
    const control = await rows.control();
    const isLate = await cameFirst(rows, control, epoch);
    if (isLate) return isLate;
    if (control.stage !== "canary" || control.hold) {
      return refused(
        control,
        "stage",
        "The share can be changed only in the stage `canary`, while the leader does not change.",
      );
    }
    const evidence = JSON.stringify({ canaryPercent: percent });
    return save(rows, control, { ...control, canaryPercent: percent }, "canary", { ...author, evidence });
  });
}

/** Rule 6: after the start, every process marks its writes, and earlier ones have landed, those of an earlier cutover too. */
export function completeStart({ transaction, guards, timing }: Protocol): Promise<boolean> {
  return transaction(async (rows) => {
    const control = await rows.control();
    if (!control.isRecording || control.isStartComplete || control.stage === "source") return false;
    const now = await rows.now();
    if (!guards.isComplete(control, now, timing) || !guards.hasDroppedLanded(control, now)) return false;
    await rows.saveControl({ ...control, isStartComplete: true, level: "touching" });
    return true;
  });
}

/** Rule 8: the new leader has everything that the old one acknowledged, so it leads. */
export function finishHold(protocol: Protocol, holdId: string, author: Author): Promise<Change> {
  const { transaction, guards } = protocol;
  return transaction(async (rows) => {
    const control = await rows.control();
    const { hold } = control;
    if (hold?.id !== holdId) return refused(control, "hold", "This hold is over.");
    const now = await rows.now();
    const missing: Missing[] = [];
    if (guards.flipWaitsForOpen(await rows.hasUnfinishedOpen(now))) {
      missing.push({ requirement: "idle", message: "Writes are on their way to the present leader." });
    }
    if (guards.flipWaitsForClaims(await rows.hasLiveClaim(now))) {
      missing.push({ requirement: "idle", message: "Records are being copied." });
    }
    if (guards.flipWaitsForMarks(await rows.hasUntagged(holdId))) {
      missing.push({ requirement: "copied", message: "The next leader lacks writes." });
    }
    if (missing.length > 0) return { isDone: false, control, missing };
    const next: Control = { ...control, leader: hold.to, stage: hold.stage, hold: undefined };
    return save(rows, control, next, "flip", author);
  });
}

/**
 * Rule 9: ends a hold without a change of leader. The caller has seen that the present leader is readable.
 * @param epoch that the author saw
 */
export function cancelHold({ transaction }: Protocol, author: Author, epoch?: number): Promise<Change> {
  return transaction(async (rows) => {
    const control = await rows.control();
    const isLate = await cameFirst(rows, control, epoch);
    if (isLate) return isLate;
    if (!control.hold) return refused(control, "hold", "No change of the leader is under way.");
    return save(rows, control, { ...control, hold: undefined }, "cancel", author);
  });
}

async function save(
  rows: CutoverRows,
  control: Control,
  changed: Control,
  event: string,
  { who, reason = "", evidence = "" }: Author,
): Promise<Change> {
  const next: Control = { ...changed, epoch: control.epoch + 1, confirmedAt: undefined };
  await rows.saveControl(next);
  await rows.appendHistory({
    at: await rows.now(),
    event,
    from: control.stage,
    to: next.stage,
    leader: next.leader,
    epoch: next.epoch,
    who,
    reason,
    evidence,
  });
  return { isDone: true, control: next };
}

/** A refusal for an author who saw another epoch; `undefined` if this is the one that he saw. */
async function cameFirst(
  rows: CutoverRows,
  control: Control,
  seen: number | undefined,
): Promise<Change | undefined> {
  const message = await laterChanges(control, seen, (limit) => rows.history(limit));
  return message === undefined ? undefined : refused(control, "epoch", message);
}

function refused(control: Control, requirement: Missing["requirement"], message: string): Change {
  return { isDone: false, control, missing: [{ requirement, message }] };
}

async function missingFor(
  { guards, timing }: Protocol,
  rows: CutoverRows,
  control: Control,
  requires: Extract<Transition, { to: unknown }>["requires"],
): Promise<Missing[]> {
  const now = await rows.now();
  const isMissing: Readonly<Record<Requirement, () => Promise<boolean> | boolean>> = {
    "no-hold": () => control.hold !== undefined,
    settled: () => control.isRecording,
    confirmed: () => control.confirmedAt === undefined,
    landed: () => !guards.isComplete(control, now, timing),
    level: () => !guards.isLevel(control),
    "nothing-queued": async () => guards.endWaitsForQueued(await rows.hasQueued()),
  };
  const missing: Requirement[] = [];
  for (const requirement of requires) if (await isMissing[requirement]()) missing.push(requirement);
  const isServed = (await rows.heartbeats()).some(({ expires }) => expires > now);
  if (isServed || missing.length === 0) {
    return missing.map((requirement) => {
      const { problem, step } = lacks(requirement, timing);
      return { requirement, message: `${problem} ${step}` };
    });
  }
  // Waiting does not help, and nobody has to confirm the stage.
  const others = missing.filter((requirement) => requirement !== "confirmed");
  return [
    { requirement: "confirmed", message: noProcess },
    ...others.map((requirement) => ({ requirement, message: lacks(requirement, timing).problem })),
  ];
}

/** Steps that follow from a stage are done by the processes that use both stores. */
const noProcess = "No process that serves is running. Start one with these settings: ragfood serve.";

function lacks(requirement: Requirement, { landingMs }: Timing): { problem: string; step: string } {
  const seconds = Math.ceil(landingMs / 1_000);
  const texts: Readonly<Record<Requirement, [problem: string, step: string]>> = {
    "no-hold": ["The leader is changing.", "Wait, or keep the present one: ragfood cutover cancel."],
    settled: [
      "The last rollback has not settled yet.",
      `Wait: running processes settle it after ${seconds} s.`,
    ],
    confirmed: ["Not every running process acts on the present stage yet.", "Wait a second."],
    landed: ["Writes that were sent before the last change may still land.", `Wait ${seconds} s.`],
    level: [
      "The target does not hold every record yet.",
      "Wait: running processes copy them. If nothing moves, find the cause: ragfood doctor.",
    ],
    "nothing-queued": ["Writes wait in the queue.", "ragfood queue lists them."],
  };
  const [problem, step] = texts[requirement];
  return { problem, step };
}
