import type { RefusedRecords } from "../ledger/index.ts";
import { refusalHash } from "../omission.ts";
import { type RecordLimits, recordProblems } from "../record-problems.ts";
import { type RecordTransformation, toTargetRecord } from "../target-record.ts";
import type { RefusalRule } from "./accepted-source.ts";

export interface RefusalRuleOptions {
  readonly transformation: RecordTransformation;
  /** What the target takes. */
  readonly limits: RecordLimits;
  /** What the dump between takes: a record that it cannot hold stops the migration, and is never left out. */
  readonly dumpLimits?: RecordLimits;
  /** What the target has refused before, by id; `hash` is the `refusalHash` of the record. */
  readonly refused: RefusedRecords;
}

/** The rule of `--skip-refused`: known limits of the target, and what it has refused in an earlier run. */
export function refusalRule(options: RefusalRuleOptions): RefusalRule {
  const { transformation, limits, dumpLimits, refused } = options;
  return (original) => {
    if (dumpLimits && recordProblems(original, dumpLimits).length > 0) return undefined;
    const record = toTargetRecord(original, transformation);
    const [problem] = recordProblems(record, limits);
    if (problem) return { reason: problem.message };
    const known = refused.get(record.id);
    return known && refusalHash(record, transformation).equals(known.hash) ? known : undefined;
  };
}
