/** The phases of a migration, in their order. A target that is a dump has the first six without the import. */
export const phaseNames = [
  "doctor",
  "backup",
  "plan",
  "export",
  "check",
  "import",
  "verify",
  "compare",
  "bench",
] as const;

export type PhaseName = (typeof phaseNames)[number];

/** Why a phase stops the migration. */
export interface GateFailure {
  /** What was found. */
  readonly found: string;
  /** What to do next. */
  readonly advice: string;
}
