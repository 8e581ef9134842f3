import type { StoreRecord } from "../../store/document.ts";
import type { StoreInfo } from "../../store/store.ts";
import { ContentSum, contentHash } from "../content-hash.ts";
import { IdSet } from "../id-set.ts";
import type { Alteration, Omission } from "../omission.ts";
import { altered, type Difference, omitted, unrequestedCount } from "./difference.ts";
import { DifferenceLog } from "./difference-log.ts";
import type { VerifyReport } from "./report.ts";
import { type CompleteSettings, completeSettings, type VerifyEvent, type VerifyOptions } from "./settings.ts";
import { SourceWatch } from "./source-watch.ts";
import { type ComparedRecord, compareRecords, targetIds, type WalkOptions } from "./walk.ts";

/**
 * Compares every record of a source with the target, and every id of the target with the source: nothing is
 * sampled. Memory holds the current batches and 32 to 64 bytes for each id of the source.
 *
 * @throws {UsageError} for a setting out of range
 * @throws {CancelledError} when the signal fires
 * @throws {ServiceError | StorageError | DataError} if either side cannot be read
 */
export async function verifyRecords(options: VerifyOptions): Promise<VerifyReport> {
  const settings = completeSettings(options.settings);
  const onEvent = options.onEvent ?? (() => {});
  const log = await DifferenceLog.open({
    maximumListed: settings.maximumListed,
    file: settings.differencesFile,
    onDifference: (difference) => onEvent({ type: "verify-mismatch", difference }),
  });
  try {
    const report = await verifyInto(log, options, settings, onEvent);
    await log.complete();
    return report;
  } finally {
    await log.close();
  }
}

async function verifyInto(
  log: DifferenceLog,
  options: VerifyOptions,
  settings: CompleteSettings,
  onEvent: (event: VerifyEvent) => void,
): Promise<VerifyReport> {
  const { source, target, signal } = options;
  const calling = { signal };
  const startedAt = new Date();
  const started = performance.now();
  const watch = await SourceWatch.start(source, calling);
  const walk = walkOptions(options, settings, await target.store.info(calling), log);
  const sums = { source: new ContentSum(), target: new ContentSum() };
  let equalCount = 0;
  for await (const batch of compareRecords(walk)) {
    for (const compared of batch) {
      if (logCompared(log, compared) === 0 && !compared.isAltered) equalCount++;
      sums.source.add(hashOf(compared.expected));
      if (compared.actual) sums.target.add(hashOf(compared.actual));
    }
    await log.flush();
    onEvent(watch.read(batch.length, log.total));
  }
  const targetCount = await logExtras(log, walk, onEvent);
  const sourceChange = await watch.change(calling);
  return {
    ...verdictOf(log, sourceChange, settings.allowExtras),
    source: watch.summary(),
    target: { store: target.store.name, namespace: target.namespace, recordCount: targetCount },
    embedding: target.embedding,
    hasTemplate: settings.template !== undefined,
    vectorTolerance: target.embedding === "carried" ? settings.vectorTolerance : undefined,
    equalCount,
    differencesFile: settings.differencesFile,
    contentHashes: { source: sums.source.hex(), target: sums.target.hex() },
    startedAt: startedAt.toISOString(),
    milliseconds: performance.now() - started,
  };
}

type Verdict = "isIdentical" | "isPassed" | "sourceChange" | "counts" | "differenceCount" | "differences";

/** What a report says of the differences in a log. */
export function verdictOf(
  { total, counts, differences }: DifferenceLog,
  sourceChange: string | undefined,
  allowExtras = false,
): Pick<VerifyReport, Verdict> {
  const isStable = sourceChange === undefined;
  return {
    isIdentical: isStable && total === 0,
    isPassed: isStable && unrequestedCount(counts, allowExtras) === 0,
    sourceChange,
    counts,
    differenceCount: total,
    differences,
  };
}

/** Without vectors, which may differ within the tolerance; no metadata counts as empty metadata. */
export function hashOf({ id, text, metadata = {} }: StoreRecord): Buffer {
  return contentHash({ id, metadata, ...(text !== undefined && { text }) });
}

export function walkOptions(
  { source, target, signal }: VerifyOptions,
  settings: CompleteSettings,
  index: StoreInfo,
  log: DifferenceLog,
): WalkOptions {
  const rules = { embedding: target.embedding, index, vectorTolerance: settings.vectorTolerance };
  const onOmission = (omission: Omission) => log.add(omitted(omission));
  const onAlteration = (alteration: Alteration) => log.add(altered(alteration));
  return { source, target, settings, rules, onOmission, onAlteration, ids: new IdSet(), signal };
}

/** @returns how many differences the record has */
export function logCompared(
  log: DifferenceLog,
  { expected, differences, isRepeated }: ComparedRecord,
): number {
  const { id } = expected;
  for (const difference of differences) log.add({ ...difference, id });
  if (isRepeated) {
    log.add(duplicate(id));
  }
  return differences.length + (isRepeated ? 1 : 0);
}

/** @returns how many records the target has */
async function logExtras(
  log: DifferenceLog,
  walk: WalkOptions,
  onEvent: (event: VerifyEvent) => void,
): Promise<number> {
  const { target, ids, rules } = walk;
  const total = (rules.index as StoreInfo).namespaces[target.namespace] ?? 0;
  let done = 0;
  for await (const page of targetIds(target, walk)) {
    for (const id of page) if (!ids.has(id)) log.add(extra(id));
    await log.flush();
    done += page.length;
    onEvent({ type: "verify-progress", phase: "extras", done, total, differenceCount: log.total });
  }
  return done;
}

export function extra(id: string): Difference {
  return { kind: "extra", id, detail: "is only in the target" };
}

export function duplicate(id: string): Difference {
  return { kind: "duplicate-id", id, detail: "is in the source more than once; a target holds one" };
}
