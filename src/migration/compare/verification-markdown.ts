import { cell, figure, percent, table } from "../../evaluation/index.ts";
import type { ConsistencyReport } from "./consistency.ts";
import type { KnownQuestionsReport, SideAnswer } from "./known-questions.ts";
import type { SelfRetrievalReport } from "./self-retrieval.ts";

/** Misses that are listed one by one. */
const maximumListed = 50;

/** The records that were lost, by id. */
export function lostSentence({ lost, checked, subject, depth, allowedLost }: SelfRetrievalReport): string {
  const limit =
    allowedLost === 0
      ? "an approximate search explains none, since all records were asked for"
      : `an approximate search explains up to ${allowedLost}`;
  const there = lost.length === 1 ? "it is there" : "they are there";
  return `${lost.length} of ${checked} records are not found by their own ${subject} among ${depth} results${names(lost)}; fetched by id, ${there}; ${limit}.`;
}

/** The records that queries return with another content, by id. */
export function staleSentence({ stale, checked }: SelfRetrievalReport): string {
  return `Queries return ${stale.length} of ${checked} records with another text or other metadata than the index holds for the id${names(stale)}.`;
}

export function selfRetrievalMarkdown(report: SelfRetrievalReport): string {
  const { misses, subject, rateAtTopInterval: interval } = report;
  const range = interval ? ` (95 %: ${percent(interval.low)} to ${percent(interval.high)})` : "";
  return [
    `# Records found by their own ${subject}: ${report.isSound ? "sound" : "a fault"}`,
    "",
    `${percent(report.rateAtTop)}${range} of ${report.checked} records of the ${report.store} index come first for their own ${subject}, ${percent(report.rateAtK)} are among the first ${report.k}.${report.notAsked === 0 ? "" : ` ${report.notAsked} have none.`}`,
    ...(report.lost.length === 0 ? [] : ["", lostSentence(report)]),
    ...(report.stale.length === 0 ? [] : ["", staleSentence(report)]),
    ...(misses.length === 0
      ? []
      : [
          "",
          ...table(
            ["record", "rank", "reason", "first"],
            misses
              .slice(0, maximumListed)
              .map(({ id, rank, reason, first }) => [
                cell(id),
                rank === undefined ? "none" : String(rank),
                reason,
                cell(first ?? "–"),
              ]),
          ),
        ]),
    ...(misses.length > maximumListed
      ? ["", `${misses.length - maximumListed} more are in the JSON report.`]
      : []),
    "",
  ].join("\n");
}

export function consistencyMarkdown(report: ConsistencyReport): string {
  const { embeddedTwice: twice } = report;
  return [
    `# Consistency of the ${report.store} index: ${report.isConsistent ? "sound" : "a fault"}`,
    "",
    `Of ${report.checked} texts asked twice, ${report.differing.length} got two answers${names(report.differing)}.`,
    ...(twice
      ? [
          `Of ${twice.checked} texts embedded twice, ${twice.differing.length} got two vectors${names(twice.differing)}; the least cosine is ${figure(twice.leastCosine, 7)}.`,
          `Of them, ${twice.foreign.length} have another vector than the index makes of their text${names(twice.foreign)}.`,
        ]
      : []),
    "",
  ].join("\n");
}

export function knownQuestionsMarkdown(report: KnownQuestionsReport): string {
  const { hits, checks, k } = report;
  const both = hits.source === undefined ? "" : `; the source ${hits.source}`;
  const place = ({ rank }: SideAnswer) => (rank === undefined ? "**none**" : String(rank));
  return [
    `# Known questions: the target hits ${hits.target} of ${checks.length}${both}`,
    "",
    `A hit is an expected record among the first ${k}. Required: ${report.requiredHits} (${percent(report.minimumHits, 0)}, or as many as the source if that hits fewer).`,
    "",
    qualityOf(report),
    ...(report.unanswerable.length === 0
      ? []
      : [
          "",
          `Not asked, because the target holds none of their expected records: ${report.unanswerable.length}${names(report.unanswerable)}.`,
        ]),
    "",
    ...table(
      ["question", "target", "source", `first ${k} of the target`, "expected"],
      checks.map(({ id, question, source, target, expected }) => [
        `${cell(id)}: ${cell(question)}`,
        place(target),
        source ? place(source) : "–",
        cell(target.found.join(", ")),
        cell(expected.join(", ")),
      ]),
    ),
    "",
  ].join("\n");
}

function qualityOf({ judged, ndcg, depth }: KnownQuestionsReport): string {
  if (!judged) return `nDCG@${depth} of the target: ${figure(ndcg)}.`;
  const { source, target, test, interval } = judged;
  const range = interval ? ` (95 %: ${figure(interval.low)} to ${figure(interval.high)})` : "";
  return `nDCG@${depth}: target ${figure(target)}, source ${figure(source)}, difference ${figure(test.meanDifference)}${range}, p = ${figure(test.pValue)} by ${test.isExact ? "an exact" : "a sampled"} paired randomisation test.`;
}

function names(ids: readonly string[]): string {
  return ids.length === 0 ? "" : ` (${ids.slice(0, maximumListed).map(cell).join(", ")})`;
}
