import {
  type ComparisonReport,
  type ConsistencyReport,
  compare,
  comparisonMarkdown,
  consistency,
  consistencyMarkdown,
  knownQuestionsMarkdown,
  type SelfRetrievalReport,
  selfRetrieval,
  selfRetrievalMarkdown,
} from "../compare/index.ts";
import type { Migration, OpenTarget } from "./migration.ts";
import type { Refusal } from "./phase.ts";
import { approachTo, comparisonObstacle, comparisonQueries, type Sides } from "./queries.ts";
import { type AskedQuestions, askKnownQuestions } from "./questions.ts";
import type { Reference } from "./reference.ts";
import { sectionOf } from "./section.ts";

export interface CompareTargetOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (
    step: "texts" | "queries" | "records" | "questions",
    done: number,
    total: number,
  ) => void;
}

/** What was found out by asking; plain JSON. */
export interface TargetComparison {
  /** Of a target that embeds: its records, each asked by its own text (MIG-7). */
  readonly selfRetrieval?: SelfRetrievalReport;
  /** Of the same: texts that were asked twice. */
  readonly consistency?: ConsistencyReport;
  /** Both sides, asked about the same records (MIG-8). */
  readonly agreement?: ComparisonReport;
  /** Why they were not. */
  readonly notCompared?: string;
  /** Both sides, asked known questions (MIG-9). */
  readonly questions: AskedQuestions;
}

/**
 * Asks the target, and the source beside it, all that tells whether it answers as it should.
 *
 * @throws {CancelledError}
 * @throws {ServiceError | StorageError} of either side
 */
export async function compareTarget(
  migration: Migration,
  reference: Reference,
  { signal, onProgress }: CompareTargetOptions,
): Promise<TargetComparison> {
  const target = await migration.openTarget("read");
  try {
    const own = await askOwnTexts(target, signal, (done, total) => onProgress("texts", done, total));
    const notCompared = comparisonObstacle(migration);
    const source = notCompared === undefined ? await reference.open() : undefined;
    const agreement = source && (await agree(migration, { source, target }, { signal, onProgress }));
    const questions = await askKnownQuestions(
      migration,
      { source, target },
      { signal, onProgress: (done, total) => onProgress("questions", done, total) },
    );
    return {
      ...own,
      ...(agreement && { agreement }),
      ...(notCompared !== undefined && { notCompared }),
      questions,
    };
  } finally {
    await target.close();
  }
}

/** A target that embeds finds each text, and gives the same answer to it twice. Nothing is written to it. */
async function askOwnTexts(
  target: OpenTarget,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): Promise<Pick<TargetComparison, "selfRetrieval" | "consistency">> {
  if (target.embedding !== "target") return {};
  return {
    selfRetrieval: await selfRetrieval(target, { signal, onProgress }),
    consistency: await consistency(target, { signal }),
  };
}

async function agree(
  migration: Migration,
  sides: Sides,
  { signal, onProgress }: CompareTargetOptions,
): Promise<ComparisonReport> {
  const approach = await approachTo(migration, sides, signal);
  const sampled = await comparisonQueries(sides, approach, signal);
  // Who encrypts the dump does not want its texts in the report.
  const queries = migration.dumpKey ? sampled.map((query) => ({ ...query, label: query.id })) : sampled;
  return await compare({
    ...sides,
    queries,
    vectors: approach.vectors,
    signal,
    onProgress: ({ step, done, total }) => onProgress(step, done, total),
  });
}

/** For a person. */
export function targetComparisonMarkdown(comparison: TargetComparison): string {
  const { selfRetrieval: own, consistency: twice, agreement, notCompared, questions } = comparison;
  return [
    ...(agreement ? [sectionOf(comparisonMarkdown(agreement))] : []),
    ...(notCompared === undefined ? [] : [`Not compared with the source: ${notCompared}.`]),
    ...(own ? [sectionOf(selfRetrievalMarkdown(own))] : []),
    ...(twice ? [sectionOf(consistencyMarkdown(twice))] : []),
    ...(questions.report ? [sectionOf(knownQuestionsMarkdown(questions.report))] : []),
    ...questions.notes,
  ].join("\n\n");
}

/** One sentence, or two. */
export function targetComparisonSummary(comparison: TargetComparison): string {
  const { selfRetrieval: own, agreement, questions } = comparison;
  const found =
    own && `${(100 * own.rateAtK).toFixed(1)} % of ${own.checked} records are found by their own text`;
  const { checks, hits } = questions.report ?? {};
  const former = hits?.source === undefined ? "" : `, the source ${hits.source}`;
  return [
    ...(found === undefined ? [] : [`${found}${agreement ? "." : "; the source was not asked."}`]),
    ...(agreement ? [agreement.verdict] : []),
    ...(hits ? [`The target hits ${hits.target} of ${checks?.length} known questions${former}.`] : []),
  ].join(" ");
}

/** The first reason to stop; `undefined` where the target answers as it should. */
export function comparisonRefusal(comparison: TargetComparison): Refusal | undefined {
  const { selfRetrieval: own, consistency: twice, agreement, questions } = comparison;
  if (agreement?.outcome === "fault") {
    const advice = agreement.findings.find(({ kind }) => kind === "fault")?.advice;
    return { found: agreement.verdict, advice: advice ?? "Look at the findings in the report." };
  }
  if (agreement?.outcome === "unfinished") {
    return {
      found: agreement.verdict,
      advice: "Wait until the target has indexed, then run this command again.",
    };
  }
  if (own && !own.isSound) {
    return {
      found: "Records are not found by their own text, and nothing explains it.",
      advice: "Look at the misses in the report; ragfood doctor tells which model the index has.",
    };
  }
  if (twice && !twice.isConsistent) {
    return {
      found: `${twice.differing.length} of ${twice.checked} texts, asked twice, got two answers.`,
      advice:
        "The index does not embed one text in one way, or somebody writes to it: see who, and run again.",
    };
  }
  return questions.report && questionsRefusal(questions.report);
}

function questionsRefusal(report: NonNullable<AskedQuestions["report"]>): Refusal | undefined {
  const { outcome, hits, checks, requiredHits, judged } = report;
  const advice =
    "Look at the questions in the report: whether the target needs another model or template, or the questions other records; --minimum-hits sets another gate.";
  if (outcome === "too-few-hits") {
    return {
      found: `The target hits ${hits.target} of ${checks.length} known questions; ${requiredHits} are wanted.`,
      advice,
    };
  }
  if (outcome !== "worse" || !judged) return undefined;
  const { source, target, test, k } = judged;
  return {
    found: `The target answers the known questions significantly worse: nDCG@${k} ${target.toFixed(3)} against ${source.toFixed(3)}, p = ${test.pValue.toFixed(4)}.`,
    advice,
  };
}
