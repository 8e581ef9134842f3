/** The stages of a cutover in their order, and what each means for reads and writes. */
export const stages = [
  { id: "source", title: "Source", meaning: "Reads and writes go to the source." },
  { id: "dual-write", title: "Dual write", meaning: "Writes go to both. Reads stay on the source." },
  {
    id: "shadow-read",
    title: "Shadow read",
    meaning: "The target is asked too and compared. Users get the source's answers.",
  },
  { id: "canary", title: "Canary", meaning: "A share of the reads is answered by the target." },
  {
    id: "target",
    title: "Target",
    meaning: "The target leads. The source follows, so that a way back stays open.",
  },
  { id: "target-only", title: "Target only", meaning: "The target stands alone. There is no way back." },
] as const;

export type StageId = (typeof stages)[number]["id"];

/** What an operator can do with a cutover. */
export type CutoverAction = keyof typeof actionWords;

interface ActionWords {
  /** On the button. */
  readonly label: string;
  /** The action of the service behind it: the last part of its address. */
  readonly route: "start" | "advance" | "rollback" | "cancel" | "pause" | "resume" | "finish";
  readonly isDangerous?: boolean;
  /** Whether it goes on with closed gates. It needs a reason. */
  readonly isForced?: boolean;
  /** What will happen, a sentence each. */
  readonly consequences: (stage: StageId, leader: string) => readonly string[];
}

const wayOfTheNext = (stage: StageId) =>
  `The stage becomes “${nextStage(stage)?.title ?? ""}”. ${nextStage(stage)?.meaning ?? ""}`;
const pauseOfWrites = (stage: StageId) =>
  stage === "canary" ? ["Writes wait for a moment while the leader changes."] : [];
const endOfTheWayBack = [
  "Writes go to the target alone, and the source is no longer needed.",
  "There is no way back after this.",
];

export const actionWords = {
  start: {
    label: "Start the cutover",
    route: "start",
    consequences: () => [
      "From now on every write goes to the source and to the target.",
      "Reads stay on the source; users notice nothing.",
      "You can roll back at any time.",
    ],
  },
  advance: {
    label: "Advance",
    route: "advance",
    consequences: (stage) => [
      wayOfTheNext(stage),
      ...pauseOfWrites(stage),
      "If a rollback rule is broken, the service rolls back by itself.",
    ],
  },
  "advance-anyway": {
    label: "Advance anyway",
    route: "advance",
    isDangerous: true,
    isForced: true,
    consequences: (stage) => [
      wayOfTheNext(stage),
      ...pauseOfWrites(stage),
      "What the gates saw and your reason stay in the history.",
      "It is still refused if a process does not know the stage, or the target lacks records.",
    ],
  },
  canary: {
    label: "Change the share",
    route: "advance",
    consequences: () => [
      "The stage stays “Canary”. The same question always goes to the same store.",
      "Writes stay as they are.",
    ],
  },
  rollback: {
    label: "Roll back",
    route: "rollback",
    isDangerous: true,
    consequences: (stage) => [
      stage === "target"
        ? "Answers come from the old store again, the source. It has received every write, so nothing is lost."
        : "Reads and writes go to the old store alone, the source.",
      "Shadow reads and the canary stop at once.",
      "An incident with a report is opened.",
    ],
  },
  cancel: {
    label: "Cancel the change",
    route: "cancel",
    consequences: (stage, leader) => [
      `The ${leader} goes on leading, and the stage stays “${titleOf(stage)}”.`,
      "Writes that wait go to it, in their order.",
    ],
  },
  pause: {
    label: "Pause",
    route: "pause",
    consequences: () => ["The stage stays as it is until someone resumes. Rollback rules stay active."],
  },
  resume: {
    label: "Resume",
    route: "resume",
    consequences: () => ["The stage may advance again when its gates are open."],
  },
  finish: {
    label: "Finish",
    route: "finish",
    isDangerous: true,
    consequences: () => endOfTheWayBack,
  },
  "finish-anyway": {
    label: "Finish anyway",
    route: "finish",
    isDangerous: true,
    isForced: true,
    consequences: () => [...endOfTheWayBack, "What the gates saw and your reason stay in the history."],
  },
} as const satisfies Readonly<Record<string, ActionWords>>;

function nextStage(stage: StageId): (typeof stages)[number] | undefined {
  return stages[stages.findIndex(({ id }) => id === stage) + 1];
}

function titleOf(stage: StageId): string {
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
  /** Whether a change of the leader is under way. */
  readonly isChanging: boolean;
  /** Whether every gate of the next stage is open. */
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
  const isClosed = !isOpen || isPaused;
  switch (stage) {
    case "source":
      return ["start"];
    case "target":
      return ["finish", pause, ...(isClosed ? (["finish-anyway"] as const) : []), "rollback"];
    case "target-only":
      return [];
    default:
      return [
        "advance",
        ...(stage === "canary" ? (["canary"] as const) : []),
        pause,
        ...(isClosed ? (["advance-anyway"] as const) : []),
        "rollback",
      ];
  }
}

/** Whether an action waits for the gates, and for the end of a pause. */
export function waitsForGates(action: CutoverAction): boolean {
  return action === "advance" || action === "finish";
}
