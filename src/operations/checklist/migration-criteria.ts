import { durationText } from "../../foundation/duration-text.ts";
import { type Criterion, type Judgement, longestMigrationMs, sentence, unknown } from "./criterion.ts";
import type { MigrationFacts, PhaseFacts } from "./migration-facts.ts";

/** What every migration of a project has to prove; `unknown` without one. */
export function migrationCriteria(migrations: readonly MigrationFacts[]): Criterion[] {
  return [
    ...forEachMigration(
      migrations,
      { id: "integrity", title: "100 % integrity: every record was compared and is equal" },
      integrity,
    ),
    ...forEachMigration(
      migrations,
      {
        id: "parity",
        title: "Feature parity: both sides give the same results to the same queries and filters",
      },
      ({ phases }) => ofPhase(phases.compare, "compared"),
    ),
    ...forEachMigration(
      migrations,
      {
        id: "speed",
        title: "Speed of the target: 500 ms on average, p99 2,000 ms, errors below 0.1 %",
      },
      ({ phases }) => ofPhase(phases.bench, "measured"),
    ),
    ...forEachMigration(migrations, { id: "time", title: "Time taken: less than 4 hours" }, duration),
  ];
}

/** One criterion for each migration, or one that is unknown. */
function forEachMigration(
  migrations: readonly MigrationFacts[],
  criterion: { readonly id: string; readonly title: string },
  judge: (migration: MigrationFacts) => Judgement,
): Criterion[] {
  const command = "ragfood migrate run";
  if (migrations.length === 0)
    return [{ ...criterion, command, ...unknown("No migration is recorded in this project.") }];
  return migrations.map((migration) => {
    const suffix = migrations.length === 1 ? "" : `: ${migration.name}`;
    return {
      command,
      id: `${criterion.id}${suffix}`,
      title: `${criterion.title}${suffix}`,
      ...judge(migration),
    };
  });
}

function integrity({ phases, verification, writtenAt }: MigrationFacts): Judgement {
  const { verify } = phases;
  if (verify === undefined || verification === undefined) return missingPhase(verify, "verified");
  const { equalCount, recordCount, differenceCount, omittedCount, isPassed } = verification;
  const number = (value: number) => value.toLocaleString("en");
  const evidence = `${number(equalCount)} of ${number(recordCount)} records are equal, ${number(differenceCount)} differences${omittedCount > 0 ? `; ${number(omittedCount)} records or fields were left out on request` : ""}.`;
  const { measuredAt } = verify;
  if (writtenAt !== undefined && writtenAt > Date.parse(measuredAt)) {
    return { result: "unknown", evidence: `${evidence} Records were written after that.`, measuredAt };
  }
  const isWhole = isPassed && verify.status === "done" && equalCount === recordCount && omittedCount === 0;
  return { result: isWhole ? "pass" : "fail", evidence, measuredAt };
}

function ofPhase(phase: PhaseFacts | undefined, verb: string): Judgement {
  if (phase === undefined || phase.status === "skipped" || phase.status === "stopped")
    return missingPhase(phase, verb);
  const { status, summary, measuredAt } = phase;
  return { result: status === "done" ? "pass" : "fail", evidence: sentence(summary), measuredAt };
}

function missingPhase(phase: PhaseFacts | undefined, verb: string): Judgement {
  const reason = phase === undefined ? "" : `: ${phase.summary}`;
  const result = phase?.status === "failed" ? "fail" : "unknown";
  return { result, evidence: sentence(`Not ${verb}${reason}`), measuredAt: phase?.measuredAt };
}

/** Time of work: interruptions between runs do not count. */
function duration({ isComplete, workedMs, hasOpenRun, finishedAt }: MigrationFacts): Judgement {
  const work = `${durationText(workedMs)} of work`;
  const measuredAt = finishedAt === undefined ? undefined : new Date(finishedAt).toISOString();
  if (workedMs >= longestMigrationMs) return { result: "fail", evidence: `${work}.`, measuredAt };
  if (!isComplete)
    return { result: "unknown", evidence: `${work} so far; the migration is not complete.`, measuredAt };
  if (hasOpenRun) return { result: "unknown", evidence: `At least ${work}: a run was killed.`, measuredAt };
  return { result: "pass", evidence: `${work}.`, measuredAt };
}
