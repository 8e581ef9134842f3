import { counted } from "../../foundation/plural.ts";
import {
  type ComparisonReport,
  type ConsistencyReport,
  compare,
  comparisonMarkdown,
  consistency,
  consistencyMarkdown,
  knownQuestionsMarkdown,
  lostSentence,
  type SelfRetrievalReport,
  selfRetrieval,
  selfRetrievalMarkdown,
  staleSentence,
} from "../compare/index.ts";
import { toTargetRecord } from "../target-record.ts";
import type { Migration, OpenTarget } from "./migration.ts";
import type { GateFailure } from "./phase-name.ts";
import { approachTo, comparisonObstacle, comparisonQueries, type Sides } from "./queries.ts";
import { type AskedQuestions, askKnownQuestions } from "./questions.ts";
import type { Reference } from "./reference.ts";
import { sectionOf } from "./section.ts";

export interface CompareTargetOptions {
  /** A verification has shown just now that both sides hold the same records. Default false. */
  readonly isVerified?: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (
    step: "own" | "queries" | "records" | "questions",
    done: number,
    total: number,
  ) => void;
}

/** Result of querying the target and the source; plain JSON. */
export interface TargetComparison {
  /** Records of the target, each queried by its own text or vector (MIG-7). */
  readonly selfRetrieval?: SelfRetrievalReport;
  /** Texts that a target that embeds was asked twice. */
  readonly consistency?: ConsistencyReport;
  /** Both sides, queried about the same records (MIG-8). */
  readonly agreement?: ComparisonReport;
  /** Why they were not. */
  readonly notCompared?: string;
  /** Both sides, asked known questions (MIG-9). */
  readonly questions: AskedQuestions;
}

/**
 * Queries the target and the source to check whether the target answers correctly.
 *
 * @throws {CancelledError}
 * @throws {ServiceError | StorageError} of either side
 */
export async function compareTarget(
  migration: Migration,
  reference: Reference,
  { isVerified = false, signal, onProgress }: CompareTargetOptions,
): Promise<TargetComparison> {
  const target = await migration.openTarget("read");
  try {
    const own = await askOwnRecords(migration, target, reference, signal, (done, total) => {
      onProgress("own", done, total);
    });
    const notCompared = comparisonObstacle(migration) ?? (await reference.obstacle());
    const source = notCompared === undefined ? await reference.store() : undefined;
    const agreement =
      source && (await agree(migration, { source, target }, reference, { isVerified, signal, onProgress }));
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

/** Each record finds itself; a target that embeds gives the same answer to a text twice. Nothing is written. */
async function askOwnRecords(
  { template, model }: Migration,
  target: OpenTarget,
  reference: Reference,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): Promise<Pick<TargetComparison, "selfRetrieval" | "consistency">> {
  const { embedding, store } = target;
  const { type } = await store.info({ signal });
  // An index of several kinds of vectors takes all of them in a query, and only its own model makes them all.
  if (embedding === "carried" && type !== "DENSE") return {};
  const sample = await reference.sample();
  const records = sample.map((record) => toTargetRecord(record, { embedding, template }));
  const subject = embedding === "carried" ? "vector" : "text";
  // A model in this process takes its time for each text.
  const count = embedding === "target" && model !== undefined ? 200 : records.length;
  const own = await selfRetrieval(target, { subject, records, count, signal, onProgress });
  if (embedding === "carried") return { selfRetrieval: own };
  return { selfRetrieval: own, consistency: await consistency(target, { records, signal }) };
}

async function agree(
  migration: Migration,
  sides: Sides,
  reference: Reference,
  { isVerified = false, signal, onProgress }: CompareTargetOptions,
): Promise<ComparisonReport> {
  const approach = await approachTo(migration, sides, signal);
  const sampled = await comparisonQueries(sides, approach, await reference.sample(), signal);
  // A report must not hold the texts of an encrypted dump.
  const queries = migration.dumpKey ? sampled.map((query) => ({ ...query, label: query.id })) : sampled;
  return await compare({
    ...sides,
    queries,
    vectors: approach.vectors,
    isVerified,
    allowOtherRecords: migration.allowExtras || (await reference.leavesRecordsOut()),
    signal,
    onProgress: ({ step, done, total }) => onProgress(step, done, total),
  });
}

/** For a person. */
export function targetComparisonMarkdown(comparison: TargetComparison): string {
  const { selfRetrieval: own, consistency: twice, agreement, notCompared, questions } = comparison;
  return [
    ...(own ? [sectionOf(selfRetrievalMarkdown(own))] : []),
    ...(agreement ? [sectionOf(comparisonMarkdown(agreement))] : []),
    ...(notCompared === undefined ? [] : [`Not compared with the source: ${notCompared}.`]),
    ...(twice ? [sectionOf(consistencyMarkdown(twice))] : []),
    ...(questions.report ? [sectionOf(knownQuestionsMarkdown(questions.report))] : []),
    ...questions.notes,
  ].join("\n\n");
}

/** One to three sentences; the report has the analysis. */
export function targetComparisonSummary(comparison: TargetComparison): string {
  const { agreement, notCompared, questions } = comparison;
  const { checks, hits } = questions.report ?? {};
  const former = hits?.source === undefined ? "" : `, the source ${hits.source}`;
  return [
    ...ownSentences(comparison.selfRetrieval),
    ...(agreement ? [agreement.verdict] : []),
    ...(notCompared === undefined ? [] : [`Not compared with the source: ${notCompared}.`]),
    ...(hits ? [`The target hits ${hits.target} of ${checks?.length} known questions${former}.`] : []),
  ].join(" ");
}

function ownSentences(own: SelfRetrievalReport | undefined): string[] {
  if (own === undefined) return [];
  const { checked, recordCount, rateAtK, subject } = own;
  const of =
    checked < recordCount
      ? `${counted(checked, "queried record")} (of ${recordCount.toLocaleString("en")})`
      : counted(checked, "record");
  const isOne = checked === 1;
  const share = rateAtK < 1 ? `${(100 * rateAtK).toFixed(1)} % of ${of}` : isOne ? of : `All ${of}`;
  return [
    `${share} ${isOne ? "is found by its" : "are found by their"} own ${subject}.`,
    ...(own.lost.length === 0 ? [] : [lostSentence(own)]),
    ...(own.stale.length === 0 ? [] : [staleSentence(own)]),
  ];
}

/** The first reason to stop; `undefined` if the target answers as it should. */
export function comparisonFailure(comparison: TargetComparison): GateFailure | undefined {
  const { selfRetrieval: own, consistency: twice, agreement, questions } = comparison;
  if (own?.isUnfinished || agreement?.outcome === "unfinished") {
    return {
      found:
        agreement?.outcome === "unfinished" ? agreement.verdict : "The target has not finished indexing.",
      advice: "Wait until ragfood info shows no pending records, then run this command again.",
    };
  }
  if (own && own.checked > 0 && !own.isSound) return ownFailure(own);
  if (agreement?.outcome === "fault") {
    const advice = agreement.findings.find(({ outcome }) => outcome === "fault")?.hint;
    return { found: agreement.verdict, advice: advice ?? "See the findings in the report." };
  }
  if (twice && !twice.isConsistent) {
    return {
      found: `${twice.differing.length} of ${twice.checked} texts, asked twice, got two answers.`,
      advice:
        "The index does not embed a text always in the same way, or somebody writes to it: find the cause, then run this command again.",
    };
  }
  return questions.report && questionsFailure(questions.report);
}

function ownFailure(own: SelfRetrievalReport): GateFailure {
  if (own.lost.length > own.allowedLost) {
    return {
      found: lostSentence(own),
      advice:
        "The index returns these records for their ids, and not for queries: it has lost them from its search. Write them again, or ask the support of the service; then run this command again.",
    };
  }
  if (own.stale.length > 0) {
    return {
      found: staleSentence(own),
      advice: "The index has not applied its last writes to its search. Wait, then run this command again.",
    };
  }
  return {
    found: `Only ${(100 * own.rateAtK).toFixed(1)} % of ${own.checked} records are among the first ${own.k} for their own ${own.subject}.`,
    advice:
      "See the misses in the report. Check that the index embeds texts with the model that made its vectors: ragfood doctor names it.",
  };
}

function questionsFailure(report: NonNullable<AskedQuestions["report"]>): GateFailure | undefined {
  const { outcome, hits, checks, requiredHits, judged } = report;
  const advice =
    "See the questions in the report: the target may need another model or template, or the questions other records. --minimum-hits sets another limit.";
  if (outcome === "too-few-hits") {
    return {
      found: `The target hits ${hits.target} of ${checks.length} known questions; ${requiredHits} are required.`,
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
