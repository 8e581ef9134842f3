import type { Criterion } from "./criterion.ts";
import { cutoverCriteria, movedByCutover } from "./cutover-criteria.ts";
import type { CutoverFacts } from "./cutover-facts.ts";
import { migrationCriteria } from "./migration-criteria.ts";
import type { MigrationFacts } from "./migration-facts.ts";
import { type ServiceFacts, serviceCriteria } from "./service-criteria.ts";

export interface Checklist {
  /** Every criterion passes. */
  readonly isPassed: boolean;
  readonly checkedAt: string;
  readonly criteria: readonly Criterion[];
}

export interface ChecklistFacts extends ServiceFacts {
  readonly migrations: readonly MigrationFacts[];
  /** `undefined`: none was started. Without a migration, it is what moved the records. */
  readonly cutover: CutoverFacts | undefined;
}

/** Evaluates the success criteria of a migration and of its cutover from what was recorded (OPS-9). */
export function evaluateChecklist(facts: ChecklistFacts): Checklist {
  const { migrations, cutover, now } = facts;
  const criteria = [
    ...(migrations.length > 0 || cutover === undefined
      ? migrationCriteria(migrations)
      : movedByCutover(cutover)),
    ...(cutover ? cutoverCriteria(cutover) : []),
    ...serviceCriteria(facts),
  ];
  return {
    isPassed: criteria.every(({ result }) => result === "pass"),
    checkedAt: new Date(now).toISOString(),
    criteria,
  };
}
