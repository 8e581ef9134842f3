import { sentence } from "../service/problem-error.ts";
import type { StoreWords } from "./store-words.ts";

/** A stage of a cutover: what an operator calls it, and what it means for questions and writes. */
interface StageWords {
  /** The term of the commands, the API and docs/cutover.md. */
  readonly id: "source" | "dual-write" | "shadow-read" | "canary" | "target" | "target-only";
  readonly title: string;
  readonly meaning: (stores: StoreWords) => string;
}

/** The stages of a cutover in their order. */
export const stages: readonly StageWords[] = [
  {
    id: "source",
    title: "Old store only",
    meaning: (stores) => `Questions and writes go to ${stores.old}.`,
  },
  {
    id: "dual-write",
    title: "Copy writes",
    meaning: (stores) => `Writes go to both stores. Answers come from ${stores.old}.`,
  },
  {
    id: "shadow-read",
    title: "Compare answers",
    meaning: (stores) =>
      `A sample of the questions also goes to ${stores.new}, and the results are compared. Users see those of ${stores.old}.`,
  },
  {
    id: "canary",
    title: "Share of questions",
    meaning: (stores) => `A share of the questions is answered by ${stores.new}.`,
  },
  {
    id: "target",
    title: "New store answers",
    meaning: (stores) =>
      `Answers come from ${stores.new}. Each write also goes to ${stores.old}, so that a rollback loses nothing.`,
  },
  {
    id: "target-only",
    title: "New store only",
    meaning: (stores) => `Questions and writes go to ${stores.new} alone. There is no way back.`,
  },
];

export type StageId = StageWords["id"];

/** What an operator can do with a cutover. */
export type CutoverAction = keyof typeof actionWords;

interface ActionWords {
  /** On the button. */
  readonly label: (stage: StageId) => string;
  /** Of the confirmation. Default: the label as a question. */
  readonly title?: (stage: StageId) => string;
  /** The action of the service behind it: the last part of its address. */
  readonly route: "start" | "advance" | "rollback" | "cancel" | "pause" | "resume" | "finish";
  readonly isDangerous?: boolean;
  /** Whether it goes on although conditions are not met. It needs a reason. */
  readonly isForced?: boolean;
  /** What will happen, a sentence each. */
  readonly consequences: (cutover: ActedOn) => readonly string[];
}

/** What the consequences of an action depend on. */
interface ActedOn {
  readonly stage: StageId;
  /** The side that leads. */
  readonly leader: string;
  readonly stores: StoreWords;
}

const meaningOfNext = ({ stage, stores }: ActedOn) =>
  `The stage becomes “${nextStage(stage)?.title ?? ""}” (${nextStage(stage)?.id ?? ""}). ${nextStage(stage)?.meaning(stores) ?? ""}`;
const pauseOfWrites = ({ stage, stores }: ActedOn) =>
  stage === "canary" ? [`Writes wait for a moment, until ${stores.new} has every record.`] : [];
const endOfTheWayBack = ({ stores }: ActedOn) => [
  `Writes go to ${stores.new} alone. ${sentence(stores.old)} is no longer needed.`,
  "There is no way back after this.",
];

export const actionWords = {
  start: {
    label: () => "Start the cutover",
    route: "start",
    consequences: ({ stores }) => [
      `From now on every write goes to ${stores.old} and to ${stores.new}.`,
      "Answers do not change: users notice nothing.",
      "You can roll back at any time.",
    ],
  },
  advance: {
    label: (stage) => `Next: ${nextStage(stage)?.title.toLowerCase() ?? ""}`,
    title: (stage) => `Go on to “${nextStage(stage)?.title ?? ""}”?`,
    route: "advance",
    consequences: (cutover) => [
      meaningOfNext(cutover),
      ...pauseOfWrites(cutover),
      "If a rollback rule is broken, the service rolls back by itself.",
    ],
  },
  "advance-anyway": {
    label: () => "Next stage anyway",
    route: "advance",
    isDangerous: true,
    isForced: true,
    consequences: (cutover) => [
      meaningOfNext(cutover),
      ...pauseOfWrites(cutover),
      "What was found for each condition, and your reason, stay in the history.",
      "The service still refuses if a process does not know the stage, or records are missing.",
    ],
  },
  canary: {
    label: () => "Change the share",
    route: "advance",
    consequences: () => [
      "The stage stays “Share of questions” (canary). The same question always goes to the same store.",
      "Writes stay as they are.",
    ],
  },
  rollback: {
    label: () => "Roll back",
    route: "rollback",
    isDangerous: true,
    consequences: ({ stage, stores }) => [
      stage === "target"
        ? `Answers come from ${stores.old} again. It has received every write, so nothing is lost.`
        : `Questions and writes go to ${stores.old} alone.`,
      `Users get no answer from ${stores.new} any more.`,
      "An incident with a report is opened.",
    ],
  },
  cancel: {
    label: () => "Cancel the switch",
    route: "cancel",
    consequences: ({ stage, leader, stores }) => [
      `${sentence(leader === "source" ? stores.old : stores.new)} goes on as before. The stage stays “${stageTitle(stage)}”.`,
      "Writes that wait go to it, in their order.",
    ],
  },
  pause: {
    label: () => "Pause",
    route: "pause",
    consequences: () => ["The stage stays as it is until someone resumes. Rollback rules stay active."],
  },
  resume: {
    label: () => "Resume",
    route: "resume",
    consequences: () => ["The next stage is possible again when its conditions are met."],
  },
  finish: {
    label: () => "Finish the cutover",
    route: "finish",
    isDangerous: true,
    consequences: endOfTheWayBack,
  },
  "finish-anyway": {
    label: () => "Finish anyway",
    route: "finish",
    isDangerous: true,
    isForced: true,
    consequences: (cutover) => [
      ...endOfTheWayBack(cutover),
      "What was found for each condition, and your reason, stay in the history.",
    ],
  },
} as const satisfies Readonly<Record<string, ActionWords>>;

export function nextStage(stage: StageId): StageWords | undefined {
  return stages[stages.findIndex(({ id }) => id === stage) + 1];
}

export function stageTitle(stage: StageId): string {
  return stages.find(({ id }) => id === stage)?.title ?? stage;
}

/** Whether an action sets the share of the reads that the target answers. */
export function setsShare(action: CutoverAction, stage: StageId): boolean {
  return action === "canary" || (actionWords[action].route === "advance" && stage === "shadow-read");
}

/** What decides which actions a cutover offers. */
export interface CutoverSituation {
  readonly stage: StageId;
  readonly isPaused: boolean;
  /** Whether the stores are being switched. */
  readonly isChanging: boolean;
  /** Whether every condition of the next stage is met. */
  readonly isOpen: boolean;
}

/** The actions that a cutover offers, the main one first. */
export function actionsOf({
  stage,
  isPaused,
  isChanging,
  isOpen,
}: CutoverSituation): readonly CutoverAction[] {
  if (isChanging) return ["cancel", "rollback"];
  const pause: CutoverAction = isPaused ? "resume" : "pause";
  // Not even a forced step passes a pause.
  const isForcible = !isOpen && !isPaused;
  switch (stage) {
    case "source":
      return ["start"];
    case "target":
      return ["finish", pause, ...(isForcible ? (["finish-anyway"] as const) : []), "rollback"];
    case "target-only":
      return [];
    default:
      return [
        "advance",
        ...(stage === "canary" ? (["canary"] as const) : []),
        pause,
        ...(isForcible ? (["advance-anyway"] as const) : []),
        "rollback",
      ];
  }
}

/** Whether an action waits for the conditions of the next stage, and for the end of a pause. */
export function waitsForGates(action: CutoverAction): boolean {
  return action === "advance" || action === "finish";
}
