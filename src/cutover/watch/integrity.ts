import { counted } from "../../foundation/plural.ts";
import type { RecordKey } from "../../state/cutover/rows.ts";
import { keyText } from "../rules/protocol.ts";
import { type LostRecords, lostWords } from "./lost-records.ts";

/** A comparison of the two stores, as it is kept for gates and rules. */
export interface IntegrityEvidence {
  /** When it began; epoch milliseconds by the state store's clock. */
  readonly beganAt: number;
  /** When it was kept: names it. */
  readonly at: number;
  readonly isGood: boolean;
  /** The start of the cutover that it belongs to (`Control.startEpoch`). */
  readonly startEpoch: number;
  /** Records that were compared, each once. */
  readonly checked: number;
  /** Records of the leader at that time. */
  readonly total: number;
  /** Whether they were drawn at random: a sample of the first records says nothing of the others. Default false. */
  readonly isRandom?: boolean;
  readonly differences: number;
  /** The first of the records that differ: each later comparison includes them. */
  readonly differing: readonly RecordKey[];
  /** Namespaces of the leader of which no record was compared. */
  readonly missed: readonly string[];
  /** A store that has lost most of its records. */
  readonly lost?: LostRecords | undefined;
}

/** What a comparison of the stores has found. */
export interface ComparisonResult
  extends Omit<IntegrityEvidence, "at" | "isGood" | "differing" | "differences"> {
  readonly differences: number;
  /** Records that differ, the first of them. */
  readonly listed: readonly RecordKey[];
  /** Every record of both stores was to be compared. */
  readonly isWhole: boolean;
}

/**
 * Why a comparison is not kept:
 *
 * - `outdated`: it belongs to an earlier start of the cutover
 * - `contradicted`: another comparison found differences that this one did not look at
 * - `weaker`: far fewer records were compared than last time, as by a process that has just begun
 */
export type Unkept = "outdated" | "contradicted" | "weaker";

/** Records that differ, by name. As many as one sample of a service compares. */
const mostDiffering = 250;

interface Circumstances {
  readonly startEpoch: number;
  /** What is kept now. */
  readonly current: IntegrityEvidence | undefined;
  /** What the comparison knew when it began: it looked again at the records that differed. */
  readonly considered: IntegrityEvidence | undefined;
  readonly now: number;
  /** Milliseconds that a comparison counts. */
  readonly integrityMs: number;
}

/** The evidence that follows from a comparison, or why it does not replace what is kept. */
export function evidenceAfter(
  { listed, isWhole, ...found }: ComparisonResult,
  { startEpoch, current: kept, considered, now, integrityMs }: Circumstances,
): IntegrityEvidence | Unkept {
  if (found.startEpoch !== startEpoch) return "outdated";
  const current = kept?.startEpoch === startEpoch ? kept : undefined;
  const isGood = found.differences === 0;
  const isConsidered = current?.at === considered?.at;
  const differing = listed.slice(0, mostDiffering).map(({ namespace, id }) => ({ namespace, id }));
  const evidence = { ...found, at: now, isGood, differing };
  if (current === undefined) return evidence;
  if (!current.isGood) {
    if (!isGood) return isConsidered ? evidence : withOthers(evidence, current);
    const isRechecked = isWhole || current.differences <= current.differing.length;
    return isConsidered && isRechecked ? evidence : "contradicted";
  }
  if (!isGood) return evidence;
  const isWeaker =
    found.checked < sufficientShare * Math.min(current.checked, found.total) ||
    found.missed.length > current.missed.length;
  const age = now - current.beganAt;
  // Unless the last one grows too old: then what was compared since counts.
  if (isWeaker && age < integrityMs / 2) return "weaker";
  return isSufficient(current) && !isSufficient(found) && age < integrityMs ? "weaker" : evidence;
}

/** Differences that two processes found at the same time. */
function withOthers(found: IntegrityEvidence, other: IntegrityEvidence): IntegrityEvidence {
  const all = new Map([...found.differing, ...other.differing].map((key) => [keyText(key), key]));
  const unlisted = found.differences - found.differing.length + (other.differences - other.differing.length);
  return {
    ...found,
    differences: all.size + unlisted,
    differing: [...all.values()].slice(0, mostDiffering),
  };
}

/**
 * Records that a random sample needs. No difference among n records says with 95 % confidence that fewer than 3 of n differ
 * (the rule of three): 0.3 % for 1,000.
 */
const fewestCompared = 1_000;

/** Some records change while they are compared. */
const sufficientShare = 0.95;

/** Whether so many records, of each namespace some, stand for the whole collection. An empty one proves nothing. */
export function isSufficient({
  checked,
  total,
  missed,
  isRandom = false,
}: Pick<IntegrityEvidence, "checked" | "total" | "missed" | "isRandom">): boolean {
  const needed = isRandom ? Math.min(total, fewestCompared) : total;
  return total > 0 && missed.length === 0 && checked >= sufficientShare * needed;
}

/** Whether the leader holds records now that a comparison could not see, more than it may miss. */
export function hasOutgrown({ total }: IntegrityEvidence, recordCount: number): boolean {
  return total < sufficientShare * recordCount;
}

/** How much of the collection was compared: "765 of 765 records compared". */
export function comparedWords({ checked, total, missed, lost }: IntegrityEvidence): string {
  if (lost !== undefined) return lostWords(lost);
  if (total === 0 && checked === 0) return "the leading store held no record to compare";
  const whole = Math.max(total, checked).toLocaleString("en");
  const unseen = missed.length === 0 ? "" : `, none of ${namespaceWords(missed)}`;
  return `${checked.toLocaleString("en")} of ${whole} records compared${unseen}`;
}

const mostNamed = 3;

function namespaceWords(namespaces: readonly string[]): string {
  const named = namespaces.slice(0, mostNamed).map((name) => (name === "" ? "the default one" : `"${name}"`));
  const more = namespaces.length - named.length;
  return `${namespaces.length === 1 ? "namespace" : "namespaces"} ${named.join(", ")}${more === 0 ? "" : ` and ${counted(more, "other")}`}`;
}
