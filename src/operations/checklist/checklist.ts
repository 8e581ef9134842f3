import type { LiveCost } from "../cost/live-cost.ts";
import { satisfactionText } from "../feedback/satisfaction.ts";
import { durationText, figureText } from "../report/figures.ts";
import type { ObjectivesPart, Part, SatisfactionPart } from "../report/report.ts";
import type { CutoverFact, CutoverFacts } from "./cutover-facts.ts";
import type { MigrationFacts, PhaseFacts } from "./migration-facts.ts";

/** `unknown` is not good: the evidence is missing, too small, or older than what it is about. */
export type CriterionResult = "pass" | "fail" | "unknown";

export interface Criterion {
  readonly id: string;
  /** What has to hold. */
  readonly title: string;
  readonly result: CriterionResult;
  /** What was found, or what is missing. */
  readonly evidence: string;
  /** When the evidence was recorded, ISO 8601; `undefined` without evidence. */
  readonly measuredAt: string | undefined;
  /** The command that provides the evidence. */
  readonly command: string;
}

export interface Checklist {
  /** Every criterion passes. */
  readonly isPassed: boolean;
  readonly checkedAt: string;
  readonly criteria: readonly Criterion[];
}

export interface ChecklistFacts {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly migrations: readonly MigrationFacts[];
  /** `undefined`: none was started. Without a migration, it is what moved the records. */
  readonly cutover: CutoverFacts | undefined;
  readonly objectives: Part<ObjectivesPart>;
  readonly satisfaction: Part<SatisfactionPart>;
  readonly cost: LiveCost | undefined;
  /** Share of votes up that counts as satisfied. */
  readonly minimumSatisfaction: number;
}

/** Votes below which satisfaction says nothing. */
const fewestVotes = 10;
/** A8 of the requirements. */
const longestMigrationMs = 4 * 3_600_000;

/** Evaluates the success criteria of a migration and of its cutover from what was recorded (OPS-9). */
export function evaluateChecklist(facts: ChecklistFacts): Checklist {
  const criteria = [
    ...(facts.migrations.length > 0 || facts.cutover === undefined
      ? [...integrity(facts), ...parity(facts), ...speed(facts), ...duration(facts)]
      : movedByCutover(facts.cutover)),
    ...(facts.cutover ? cutover(facts.cutover) : []),
    ...objectives(facts),
    cost(facts),
    satisfaction(facts),
  ];
  return {
    isPassed: criteria.every(({ result }) => result === "pass"),
    checkedAt: new Date(facts.now).toISOString(),
    criteria,
  };
}

/** The criteria of a migration, answered by the cutover. The objectives of the service show the target's speed. */
function movedByCutover({ parity, copiedWithinMs, since }: CutoverFacts): Criterion[] {
  return [
    {
      id: "parity",
      title: "Feature parity: both stores find the same matches",
      command: "ragfood cutover advance",
      ...ofFact(parity, "No shadow reads are recorded: they are at the advance to canary."),
    },
    {
      id: "time",
      title: "Time taken: less than 4 hours until the target holds every record",
      command: "ragfood cutover advance",
      ...(copiedWithinMs === undefined
        ? { result: "unknown", evidence: "The target is not known to hold every record.", measuredAt: since }
        : {
            result: copiedWithinMs < longestMigrationMs ? "pass" : "fail",
            evidence: `At most ${durationText(copiedWithinMs)} from the start to the stage shadow-read.`,
            measuredAt: since,
          }),
    },
  ];
}

function cutover({ stage, since, hasMoved, fit, integrity: found, forced }: CutoverFacts): Criterion[] {
  return [
    {
      id: "cutover-fit",
      title: "Cutover: the records of the source fit into the target",
      command: "ragfood cutover start",
      ...ofFact(fit, "The start did not record what both stores were."),
    },
    {
      id: "cutover-integrity",
      title: "Cutover: both stores hold the same records",
      command: "ragfood cutover verify",
      ...ofFact(found, "The stores were not compared since the start."),
    },
    {
      id: "cutover-gates",
      title: "Cutover: no stage was entered with closed gates",
      command: "ragfood cutover history",
      result: forced.length === 0 ? "pass" : "fail",
      evidence: sentence(forced.length === 0 ? "None was." : forced.join("; ")),
      measuredAt: since,
    },
    {
      id: "cutover-stage",
      title: "Cutover: the target leads",
      command: hasMoved === false ? "ragfood cutover history" : "ragfood cutover advance",
      result: hasMoved === undefined ? "unknown" : hasMoved ? "pass" : "fail",
      evidence: hasMoved === false ? "It was rolled back: the source leads." : `The stage is ${stage}.`,
      measuredAt: since,
    },
  ];
}

function ofFact(
  fact: CutoverFact | undefined,
  missing: string,
): Pick<Criterion, "result" | "evidence" | "measuredAt"> {
  if (fact === undefined) return { result: "unknown", evidence: missing, measuredAt: undefined };
  const { isGood, evidence, measuredAt } = fact;
  return {
    result: isGood === undefined ? "unknown" : isGood ? "pass" : "fail",
    evidence: sentence(evidence),
    measuredAt,
  };
}

const noMigration = {
  result: "unknown",
  evidence: "No migration is recorded in this project.",
  measuredAt: undefined,
} as const;

/** One criterion for each migration, or one that is unknown. */
function forEachMigration(
  { migrations }: ChecklistFacts,
  criterion: Pick<Criterion, "id" | "title" | "command">,
  judge: (migration: MigrationFacts) => Pick<Criterion, "result" | "evidence" | "measuredAt">,
): Criterion[] {
  if (migrations.length === 0) return [{ ...criterion, ...noMigration }];
  return migrations.map((migration) => {
    const suffix = migrations.length === 1 ? "" : `: ${migration.name}`;
    return {
      ...criterion,
      id: `${criterion.id}${suffix}`,
      title: `${criterion.title}${suffix}`,
      ...judge(migration),
    };
  });
}

function integrity(facts: ChecklistFacts): Criterion[] {
  const criterion = {
    id: "integrity",
    title: "100 % integrity: every record was compared and is equal",
    command: "ragfood migrate run",
  };
  return forEachMigration(facts, criterion, ({ phases, verification, writtenAt }) => {
    const { verify } = phases;
    if (verify === undefined || verification === undefined) return missingPhase(verify, "verified");
    const { equalCount, recordCount, differenceCount, isPassed } = verification;
    const number = (value: number) => value.toLocaleString("en");
    const evidence = `${number(equalCount)} of ${number(recordCount)} records are equal, ${number(differenceCount)} differences.`;
    const { measuredAt } = verify;
    if (writtenAt !== undefined && writtenAt > Date.parse(measuredAt)) {
      return { result: "unknown", evidence: `${evidence} Records were written after that.`, measuredAt };
    }
    const isWhole = isPassed && verify.status === "done" && equalCount === recordCount;
    return { result: isWhole ? "pass" : "fail", evidence, measuredAt };
  });
}

function parity(facts: ChecklistFacts): Criterion[] {
  const criterion = {
    id: "parity",
    title: "Feature parity: both sides give the same results to the same queries and filters",
    command: "ragfood migrate run",
  };
  return forEachMigration(facts, criterion, ({ phases }) => ofPhase(phases.compare, "compared"));
}

function speed(facts: ChecklistFacts): Criterion[] {
  const criterion = {
    id: "speed",
    title: "Speed of the target: 500 ms on average, p99 2,000 ms, errors below 0.1 %",
    command: "ragfood migrate run",
  };
  return forEachMigration(facts, criterion, ({ phases }) => ofPhase(phases.bench, "measured"));
}

function ofPhase(
  phase: PhaseFacts | undefined,
  verb: string,
): Pick<Criterion, "result" | "evidence" | "measuredAt"> {
  if (phase === undefined || phase.status === "skipped") return missingPhase(phase, verb);
  const { status, summary, measuredAt } = phase;
  return { result: status === "done" ? "pass" : "fail", evidence: sentence(summary), measuredAt };
}

function missingPhase(
  phase: PhaseFacts | undefined,
  verb: string,
): Pick<Criterion, "result" | "evidence" | "measuredAt"> {
  const reason = phase === undefined ? "" : `: ${phase.summary}`;
  const result = phase?.status === "failed" ? "fail" : "unknown";
  return { result, evidence: sentence(`Not ${verb}${reason}`), measuredAt: phase?.measuredAt };
}

/** Time of work: interruptions between runs do not count. */
function duration(facts: ChecklistFacts): Criterion[] {
  const criterion = {
    id: "time",
    title: "Time taken: less than 4 hours",
    command: "ragfood migrate run",
  };
  return forEachMigration(facts, criterion, ({ isComplete, workedMs, hasOpenRun, finishedAt }) => {
    const evidence = `${durationText(workedMs)} of work`;
    const measuredAt = finishedAt === undefined ? undefined : new Date(finishedAt).toISOString();
    if (workedMs >= longestMigrationMs) return { result: "fail", evidence: `${evidence}.`, measuredAt };
    if (!isComplete)
      return {
        result: "unknown",
        evidence: `${evidence} so far; the migration is not complete.`,
        measuredAt,
      };
    if (hasOpenRun)
      return { result: "unknown", evidence: `At least ${evidence}: a run was killed.`, measuredAt };
    return { result: "pass", evidence: `${evidence}.`, measuredAt };
  });
}

function objectives({ objectives: part, now }: ChecklistFacts): Criterion[] {
  const measuredAt = new Date(now).toISOString();
  if (part.state === "missing") {
    const evidence = sentence(part.reason);
    const title = "Objectives of the service: average, p99, availability, errors";
    return [
      {
        id: "objectives",
        title,
        result: "unknown",
        evidence,
        measuredAt: undefined,
        command: "ragfood serve",
      },
    ];
  }
  const { rows, requests } = part.value;
  return rows.map((row) => {
    const result = { met: "pass", missed: "fail", unknown: "unknown" } as const;
    return {
      id: `objective-${row.name}`,
      title: `${row.title}: ${row.comparison} ${figureText(row, row.target)}`,
      result: result[row.outcome],
      evidence: `${figureText(row, row.value)} over ${requests.toLocaleString("en")} requests${row.outcome === "unknown" ? ", which are too few" : ""}.`,
      measuredAt,
      // Whether it still goes on, and why.
      command: row.outcome === "missed" ? "ragfood status" : "ragfood serve",
    };
  });
}

function cost({ cost: live, now }: ChecklistFacts): Criterion {
  const criterion = {
    id: "cost",
    title: "Cost: a whole month stays within the budget",
    command: "ragfood cost --live",
  };
  const unknown = (evidence: string): Criterion => ({
    ...criterion,
    result: "unknown",
    evidence,
    measuredAt: undefined,
  });
  if (live === undefined || live.requests === 0) return unknown("No billed request is recorded this month.");
  const { budget, expectedDollars, expectedRequests } = live;
  if (budget === undefined) return unknown("No budget is set: BUDGET_DOLLARS or BUDGET_REQUESTS.");
  const shares: number[] = [];
  if (budget.dollars !== undefined && expectedDollars !== undefined)
    shares.push(expectedDollars / budget.dollars);
  if (budget.requests !== undefined && expectedRequests !== undefined)
    shares.push(expectedRequests / budget.requests);
  if (shares.length === 0) return unknown("The rate of this month is not known yet.");
  const share = Math.max(...shares, budget.share);
  return {
    ...criterion,
    result: share <= 1 ? "pass" : "fail",
    evidence: `At the rate of this month, ${Math.round(100 * share)} % of the budget; ${Math.floor(100 * budget.share)} % is spent.`,
    measuredAt: new Date(now).toISOString(),
  };
}

function satisfaction({ satisfaction: part, minimumSatisfaction, now }: ChecklistFacts): Criterion {
  const criterion = {
    id: "satisfaction",
    title: `Satisfaction: at least ${Math.round(100 * minimumSatisfaction)} % of the votes are up`,
    command: "ragfood feedback list",
  };
  if (part.state === "missing")
    return { ...criterion, result: "unknown", evidence: sentence(part.reason), measuredAt: undefined };
  const { up, down, share = 0 } = part.value;
  const isEnough = up + down >= fewestVotes;
  const evidence = `${satisfactionText(part.value)}${isEnough ? "" : `; ${fewestVotes} votes are needed`}.`;
  const result = !isEnough ? "unknown" : share >= minimumSatisfaction ? "pass" : "fail";
  return { ...criterion, result, evidence: sentence(evidence), measuredAt: new Date(now).toISOString() };
}

function sentence(text: string): string {
  const capital = `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
