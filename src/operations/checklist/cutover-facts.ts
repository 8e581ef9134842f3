/** What the state of a service says of its last cutover, as a checklist needs it. */
export interface CutoverFacts {
  readonly stage: string;
  /** When the stage began, ISO 8601. */
  readonly since: string;
  /** The target leads, or the cutover was rolled back; `undefined` on the way. */
  readonly hasMoved: boolean | undefined;
  /** What both stores were at the start. */
  readonly fit: CutoverFact | undefined;
  /** The last comparison of records. */
  readonly integrity: CutoverFact | undefined;
  /** The shadow reads that the advance to `canary` was decided by. */
  readonly parity: CutoverFact | undefined;
  /** Milliseconds from the start to the stage that needs every record in the target; `undefined` before. */
  readonly copiedWithinMs: number | undefined;
  /** Changes that went on with closed gates, a sentence each. */
  readonly forced: readonly string[];
}

export interface CutoverFact {
  /** `undefined`: too little, or too old. */
  readonly isGood: boolean | undefined;
  /** One sentence: what was found. */
  readonly evidence: string;
  /** ISO 8601. */
  readonly measuredAt: string;
}
