import { RagfoodError } from "../../foundation/errors.ts";
import { counted } from "../../foundation/plural.ts";
import { Latencies } from "../../operations/metrics/latencies.ts";
import type { RecordKey, Side } from "../../state/cutover/rows.ts";
import type { ReadReport } from "../routed-store.ts";
import type { ShadowComparison } from "../shadow.ts";
import type { WriteReport } from "../store-replica.ts";

/** What one store was asked for, and how it answered. */
export interface SideFigures {
  /** Reads of users, and probes while it is paused. */
  readonly requests: number;
  readonly errors: number;
  /** Reads that the other store answered at once, because this one was paused after failures in a row. */
  readonly diverted: number;
  /** Calls that write: of users while the store leads, copies while it follows. */
  readonly writes: number;
  readonly failedWrites: number;
  /** Failures that do not pass by waiting, by the `code` of the error. */
  readonly critical: Readonly<Record<string, number>>;
  /** Sum of the durations of reads. */
  readonly milliseconds: number;
  /** Encoded HDR histogram of the durations; absent without a read. */
  readonly latencies?: string;
}

/** Questions that both stores answered, off the user's path. */
export interface ShadowFigures {
  readonly comparisons: number;
  readonly errors: number;
  /** Comparisons in which neither store found a match. */
  readonly empty: number;
  /** Sum of the shares of matches that both found, of the others. */
  readonly overlap: number;
  /** Comparisons with the same best match. */
  readonly sameFirst: number;
  /** Sums of the durations of the store that answered, and of the other one. */
  readonly servedMs: number;
  readonly shadowMs: number;
}

/** What was measured of a pair in some seconds. */
export interface PairFigures {
  readonly source: SideFigures;
  readonly target: SideFigures;
  readonly shadow: ShadowFigures;
  /** Why shadow reads failed, by the `code` of the error. */
  readonly shadowErrors?: Readonly<Record<string, number>>;
}

const nothingAsked: SideFigures = {
  requests: 0,
  errors: 0,
  diverted: 0,
  writes: 0,
  failedWrites: 0,
  critical: {},
  milliseconds: 0,
};
const noComparisons: ShadowFigures = {
  comparisons: 0,
  errors: 0,
  empty: 0,
  overlap: 0,
  sameFirst: 0,
  servedMs: 0,
  shadowMs: 0,
};
export const noFigures: PairFigures = {
  source: nothingAsked,
  target: nothingAsked,
  shadow: noComparisons,
};

/** Errors that mean that a store does not serve at all: wrong credentials, a missing index, an open breaker. */
const criticalCodes: ReadonlySet<string> = new Set([
  "authentication",
  "forbidden",
  "not-found",
  "index-mismatch",
  "circuit-open",
  "quota",
]);

/** Errors of the caller, which say nothing about a store. */
const callersCodes: ReadonlySet<string> = new Set(["invalid-request", "filter", "usage", "cancelled"]);

/** Records to compare at once; more wait for a later shadow read. */
const mostSuspects = 100;

/** Counts what this process asks of both stores. `take` gives what was counted since the last call. */
export class FigureRecorder {
  #sides: Record<Side, SideCounts> = { source: new SideCounts(), target: new SideCounts() };
  #shadow: ShadowFigures = noComparisons;
  #shadowErrors: Readonly<Record<string, number>> = {};
  readonly #suspects = new Map<string, RecordKey>();

  readonly onRead = ({ side, milliseconds, outcome }: ReadReport): void => {
    if (callersCodes.has(outcome)) return;
    if (outcome === "diverted") this.#sides[side].addDiverted();
    else this.#sides[side].addRead(milliseconds, outcome);
  };

  readonly onWrite = ({ side, outcome }: WriteReport): void => {
    if (!callersCodes.has(outcome)) this.#sides[side].addWrite(outcome);
  };

  readonly onComparison = (comparison: ShadowComparison): void => {
    const { overlap, isSameFirst, servedMs, shadowMs, error, namespace, differing } = comparison;
    const isEmpty = overlap === undefined && error === undefined;
    for (const id of differing) this.#suspect({ namespace, id });
    if (error) {
      const code = error instanceof RagfoodError ? error.code : "unforeseen";
      this.#shadowErrors = addNumbers(this.#shadowErrors, { [code]: 1 });
    }
    const before = this.#shadow;
    this.#shadow = {
      comparisons: before.comparisons + 1,
      errors: before.errors + (error ? 1 : 0),
      empty: before.empty + (isEmpty ? 1 : 0),
      overlap: before.overlap + (overlap ?? 0),
      sameFirst: before.sameFirst + (isSameFirst ? 1 : 0),
      servedMs: before.servedMs + servedMs,
      shadowMs: before.shadowMs + shadowMs,
    };
  };

  /** Records that two stores returned differently, since the last call. */
  takeSuspects(): RecordKey[] {
    const taken = [...this.#suspects.values()];
    this.#suspects.clear();
    return taken;
  }

  #suspect(key: RecordKey): void {
    if (this.#suspects.size < mostSuspects) this.#suspects.set(`${key.namespace}\0${key.id}`, key);
  }

  take(): PairFigures {
    const { source, target } = this.#sides;
    const taken = {
      source: source.figures(),
      target: target.figures(),
      shadow: this.#shadow,
      shadowErrors: this.#shadowErrors,
    };
    this.#sides = { source: new SideCounts(), target: new SideCounts() };
    this.#shadow = noComparisons;
    this.#shadowErrors = {};
    return taken;
  }
}

class SideCounts {
  #requests = 0;
  #errors = 0;
  #diverted = 0;
  #writes = 0;
  #failedWrites = 0;
  #milliseconds = 0;
  readonly #critical: Record<string, number> = {};
  #latencies: Latencies | undefined;

  addRead(milliseconds: number, outcome: string): void {
    this.#requests++;
    if (outcome !== "ok") this.#errors++;
    this.#addCritical(outcome);
    this.#milliseconds += milliseconds;
    this.#latencies ??= new Latencies();
    this.#latencies.record(milliseconds);
  }

  addDiverted(): void {
    this.#diverted++;
  }

  addWrite(outcome: string): void {
    this.#writes++;
    if (outcome !== "ok") this.#failedWrites++;
    this.#addCritical(outcome);
  }

  #addCritical(outcome: string): void {
    if (criticalCodes.has(outcome)) this.#critical[outcome] = (this.#critical[outcome] ?? 0) + 1;
  }

  figures(): SideFigures {
    return {
      requests: this.#requests,
      errors: this.#errors,
      diverted: this.#diverted,
      writes: this.#writes,
      failedWrites: this.#failedWrites,
      critical: this.#critical,
      milliseconds: this.#milliseconds,
      ...(this.#latencies && { latencies: this.#latencies.encode() }),
    };
  }
}

/** Figures of several processes or seconds together. */
export function mergeFigures(all: readonly PairFigures[]): PairFigures {
  return all.reduce(
    (sum, one) => ({
      source: mergeSide(sum.source, one.source),
      target: mergeSide(sum.target, one.target),
      shadow: addNumbers(sum.shadow, one.shadow),
      shadowErrors: addNumbers(sum.shadowErrors ?? {}, one.shadowErrors ?? {}),
    }),
    noFigures,
  );
}

function mergeSide(left: SideFigures, right: SideFigures): SideFigures {
  const latencies = mergeLatencies(left.latencies, right.latencies);
  return {
    requests: left.requests + right.requests,
    errors: left.errors + right.errors,
    diverted: left.diverted + right.diverted,
    writes: left.writes + right.writes,
    failedWrites: left.failedWrites + right.failedWrites,
    critical: addNumbers(left.critical, right.critical),
    milliseconds: left.milliseconds + right.milliseconds,
    ...(latencies !== undefined && { latencies }),
  };
}

function mergeLatencies(left: string | undefined, right: string | undefined): string | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  const merged = Latencies.decode(left);
  merged.add(Latencies.decode(right));
  return merged.encode();
}

function addNumbers<Numbers extends object>(left: Numbers, right: Numbers): Numbers {
  const sum: Record<string, number> = { ...(left as Record<string, number>) };
  for (const [name, value] of Object.entries(right as Record<string, number>)) {
    sum[name] = (sum[name] ?? 0) + value;
  }
  return sum as Numbers;
}

/** How fast a store answers: milliseconds; `undefined` without a read. */
export function latencyOf(figures: SideFigures): { readonly mean: number; readonly p95: number } | undefined {
  if (figures.requests === 0 || figures.latencies === undefined) return undefined;
  return {
    mean: figures.milliseconds / figures.requests,
    p95: Latencies.decode(figures.latencies).percentile(95),
  };
}

/** `timeout (5 times), quota (2 times)`, the most frequent code first; empty without one. */
export function codesIn(counts: Readonly<Record<string, number>> = {}): string {
  return Object.entries(counts)
    .toSorted(([, left], [, right]) => right - left)
    .map(([code, count]) => `${code} (${counted(count, "time")})`)
    .join(", ");
}

/** Whether anything was counted. */
export function isEmpty({ source, target, shadow }: PairFigures): boolean {
  const asked = [source, target].map(({ requests, diverted, writes }) => requests + diverted + writes);
  return asked.every((count) => count === 0) && shadow.comparisons === 0;
}
