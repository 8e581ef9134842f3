import { UsageError } from "../../foundation/errors.ts";
import { type Command, type CommandContext, defineCommand } from "../command.ts";
import { type MigrationValues, migrationArguments } from "../migration-options.ts";
import { benchMigration, compareMigration } from "./migrate-compare.ts";
import { importMigration, planMigration, runWholeMigration } from "./migrate-run.ts";
import { showStatus } from "./migrate-status.ts";
import { catchUpMigration, repairMigration, verifyMigration } from "./migrate-verify.ts";

const args = {
  action: {
    type: "positional",
    required: true,
    description: "run, plan, import, verify, repair, catch-up, compare, bench or status",
  },
  ...migrationArguments,
  "dry-run": { type: "boolean", description: "run, import: doctor and plan alone; nothing is written" },
  "delete-extras": {
    type: "boolean",
    description: "repair, catch-up: delete what this migration wrote and the source no longer has",
  },
  json: { type: "boolean", description: "print JSON, an event a line" },
} as const;

export interface MigrateValues extends MigrationValues {
  readonly "dry-run"?: boolean | undefined;
  readonly "delete-extras"?: boolean | undefined;
  readonly json?: boolean | undefined;
}

type Action = (values: MigrateValues, context: CommandContext) => Promise<number>;

const actions: Readonly<Record<string, Action>> = {
  run: runWholeMigration,
  plan: planMigration,
  import: importMigration,
  verify: verifyMigration,
  repair: repairMigration,
  "catch-up": catchUpMigration,
  compare: compareMigration,
  bench: benchMigration,
  status: showStatus,
};

export const migrate: Command = defineCommand({
  name: "migrate",
  description: "Moves records between Chroma, dumps and indexes, and proves that all of them arrived",
  args,
  examples: [
    ["ragfood migrate run --from chroma_db/ --to upstash", "everything, each phase behind its gate"],
    ["ragfood migrate run --from chroma_db/ --to upstash --dry-run", "what it would do; writes nothing"],
    [
      "ragfood migrate run --from chroma_db/ --to embedded:index --vectors keep --join foods.json",
      "vectors as they are, with region and type from the data file",
    ],
    ["ragfood migrate verify --from chroma_db/ --to upstash", "exit code 1 where anything differs"],
    ["ragfood migrate status", "how far the migrations of this project are"],
  ],
  async run(values, context) {
    const action = Object.hasOwn(actions, values.action) ? actions[values.action] : undefined;
    if (action === undefined) {
      throw new UsageError(`migrate has no action "${values.action}".`, {
        hint: `It has ${Object.keys(actions).join(", ")}.`,
      });
    }
    refuseFlag(values, "dry-run", ["run", "import", "plan"]);
    refuseFlag(values, "delete-extras", ["repair", "catch-up"]);
    for (const flag of ["queries", "judgements", "minimum-hits"] as const) {
      refuseFlag(values, flag, ["run", "compare"]);
    }
    return await action(values, context);
  },
});

/** @throws {UsageError} for a flag that would not be heeded */
function refuseFlag(
  values: MigrateValues & { readonly action: string },
  flag: "dry-run" | "delete-extras" | "queries" | "judgements" | "minimum-hits",
  takenBy: readonly string[],
): void {
  const isGiven = values[flag] !== undefined && values[flag] !== false;
  if (!isGiven || takenBy.includes(values.action)) return;
  throw new UsageError(`migrate ${values.action} has no --${flag}; ${takenBy.join(", ")} have.`);
}
