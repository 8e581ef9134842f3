import type { Migration } from "../migration.ts";
import type { Phase } from "../phase.ts";
import { backupPhase } from "./backup.ts";
import { benchPhase } from "./bench.ts";
import { checkPhase } from "./check.ts";
import { comparePhase } from "./compare.ts";
import { doctorPhase } from "./doctor.ts";
import { exportPhase } from "./export.ts";
import { importPhase } from "./import.ts";
import { planPhase } from "./plan.ts";
import { verifyPhase } from "./verify.ts";

/** The phases of a migration. The export writes a target that is a dump, which answers no queries. */
export function phasesFor({ target }: Migration): readonly Phase[] {
  const before = [doctorPhase, backupPhase, planPhase, exportPhase, checkPhase];
  return target.kind === "dump"
    ? [...before, verifyPhase]
    : [...before, importPhase, verifyPhase, comparePhase, benchPhase];
}
