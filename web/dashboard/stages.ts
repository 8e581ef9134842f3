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
export type CutoverAction = "start" | "advance" | "rollback" | "pause" | "resume" | "finish";

interface ActionWords {
  /** On the button. */
  readonly label: string;
  readonly isDangerous: boolean;
  /** What will happen, a sentence each. */
  readonly consequences: (stage: StageId) => readonly string[];
}

export const actionWords: Readonly<Record<CutoverAction, ActionWords>> = {
  start: {
    label: "Start the cutover",
    isDangerous: false,
    consequences: () => [
      "From now on every write goes to the source and to the target.",
      "Reads stay on the source; users notice nothing.",
      "You can roll back at any time.",
    ],
  },
  advance: {
    label: "Advance",
    isDangerous: false,
    consequences: (stage) => [
      `The stage becomes “${nextStage(stage)?.title ?? ""}”. ${nextStage(stage)?.meaning ?? ""}`,
      ...(stage === "canary" ? ["Writes pause for a moment while the leader changes."] : []),
      "If a rollback rule is broken, the service rolls back by itself.",
    ],
  },
  rollback: {
    label: "Roll back",
    isDangerous: true,
    consequences: (stage) => [
      stage === "target"
        ? "The source leads again. It has received every write, so nothing is lost."
        : "Reads and writes go to the source alone.",
      "Shadow reads and the canary stop at once.",
      "An incident with a report is opened.",
    ],
  },
  pause: {
    label: "Pause",
    isDangerous: false,
    consequences: () => ["The stage stays as it is. Automatic advances stop; rollback rules stay active."],
  },
  resume: {
    label: "Resume",
    isDangerous: false,
    consequences: () => ["The stage may advance again when its gates are open."],
  },
  finish: {
    label: "Finish",
    isDangerous: true,
    consequences: () => [
      "Writes go to the target alone, and the source is no longer needed.",
      "There is no way back after this.",
    ],
  },
};

function nextStage(stage: StageId): (typeof stages)[number] | undefined {
  return stages[stages.findIndex(({ id }) => id === stage) + 1];
}

/** The actions that a stage offers, the main one first. */
export function actionsOf(stage: StageId, isPaused: boolean): readonly CutoverAction[] {
  const pause: CutoverAction = isPaused ? "resume" : "pause";
  switch (stage) {
    case "source":
      return ["start"];
    case "target":
      return ["finish", "rollback"];
    case "target-only":
      return [];
    default:
      return ["advance", pause, "rollback"];
  }
}
