import type { Settings } from "../config/settings.ts";
import { UsageError } from "../foundation/errors.ts";
import { quoted } from "../foundation/quoted.ts";
import { type Checklist, type ChecklistFacts, evaluateChecklist } from "../operations/checklist/checklist.ts";
import type { LiveCost } from "../operations/cost/live-cost.ts";
import { objectivesOf, satisfactionPart } from "../operations/report/make-report.ts";
import type { StateDatabase } from "../state/database.ts";
import { openCostControl } from "./cost-control.ts";
import { readCutoverFacts } from "./cutover-facts.ts";
import { migrationNames, readMigrationFacts } from "./migration-facts.ts";

export interface ChecklistOptions {
  readonly settings: Settings;
  /** `undefined`: nothing is recorded yet. */
  readonly state: StateDatabase | undefined;
  /** Of the objectives and of the votes; milliseconds since 1970. */
  readonly span: { readonly from: number; readonly to: number };
  /** One migration. Default: all of the project. */
  readonly name?: string | undefined;
  readonly minimumSatisfaction: number;
}

/**
 * Evaluates the success criteria from recorded facts; it measures nothing.
 *
 * @throws {UsageError} if the migration does not exist
 * @throws {LedgerError | StateError} if the records cannot be read
 */
export async function makeChecklist(options: ChecklistOptions): Promise<Checklist> {
  const { settings, state, span, name, minimumSatisfaction } = options;
  const { directory } = settings;
  const names = name === undefined ? migrationNames(directory) : [name];
  const migrations = names.flatMap((one) => readMigrationFacts(directory, one) ?? []);
  if (name !== undefined && migrations.length === 0) {
    throw new UsageError(`${directory} has no migration ${quoted(name)}.`, {
      hint: "ragfood migrate status lists them.",
    });
  }
  const now = Date.now();
  const recorded = state ? await serviceFacts(settings, state, span, now) : nothingRecorded;
  return evaluateChecklist({ now, migrations, minimumSatisfaction, ...recorded });
}

type ServiceFacts = Pick<ChecklistFacts, "cutover" | "objectives" | "satisfaction" | "cost">;

const missing = { state: "missing", reason: "nothing is recorded yet", remedy: "ragfood serve" } as const;
const nothingRecorded: ServiceFacts = {
  cutover: undefined,
  objectives: missing,
  satisfaction: missing,
  cost: undefined,
};

async function serviceFacts(
  settings: Settings,
  state: StateDatabase,
  span: ChecklistOptions["span"],
  now: number,
): Promise<ServiceFacts> {
  const options = { state, span, now, targets: settings.objectives };
  const cost: LiveCost = await openCostControl(settings, { state }).live();
  return {
    cutover: await readCutoverFacts(settings, state),
    objectives: await objectivesOf(options),
    satisfaction: await satisfactionPart(options),
    cost,
  };
}
