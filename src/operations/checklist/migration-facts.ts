/** What the ledger of a migration says of one phase. */
export interface PhaseFacts {
  readonly status: "done" | "failed" | "skipped" | "stopped";
  readonly summary: string;
  /** ISO 8601; when it began. */
  readonly measuredAt: string;
}

/** What the ledger of a migration says, as a checklist needs it. */
export interface MigrationFacts {
  readonly name: string;
  readonly isComplete: boolean;
  readonly phases: Readonly<Partial<Record<"verify" | "compare" | "bench", PhaseFacts>>>;
  /** Result of the last verification of every record. */
  readonly verification:
    | {
        readonly isPassed: boolean;
        readonly equalCount: number;
        /** Records of the source. */
        readonly recordCount: number;
        readonly differenceCount: number;
        /** Records and fields that were left out on request. */
        readonly omittedCount: number;
      }
    | undefined;
  /** End of the last import that wrote records, milliseconds since 1970. */
  readonly writtenAt: number | undefined;
  /** Milliseconds of work of all phases and imports. */
  readonly workedMs: number;
  /** An import was killed, so that its time is not known. */
  readonly hasOpenRun: boolean;
  /** End of the last phase, milliseconds since 1970. */
  readonly finishedAt: number | undefined;
}
