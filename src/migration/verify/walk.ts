import { CancelledError } from "../../foundation/errors.ts";
import type { StoreRecord } from "../../store/document.ts";
import type { CallOptions } from "../../store/store.ts";
import type { IdSet } from "../id-set.ts";
import { inOrder } from "../in-order.ts";
import type { Alteration, Omission } from "../omission.ts";
import type { RecordSource } from "../source.ts";
import type { MigrationTarget } from "../target.ts";
import { toTargetRecord } from "../target-record.ts";
import { type ComparisonRules, compareRecord } from "./compare-record.ts";
import type { RecordDifference } from "./difference.ts";
import type { CompleteSettings } from "./settings.ts";

/** A record of the source, as the target has to hold it, and the one that the target holds. */
export interface ComparedRecord {
  readonly expected: StoreRecord;
  readonly actual: StoreRecord | undefined;
  readonly differences: readonly RecordDifference[];
  /** The source gave a record of that id before: a target holds only one of them. */
  readonly isRepeated: boolean;
  /** The source gave it in another form, on request. */
  readonly isAltered: boolean;
}

export interface WalkOptions extends CallOptions {
  readonly source: RecordSource;
  readonly target: MigrationTarget;
  readonly settings: CompleteSettings;
  readonly rules: ComparisonRules;
  /** Takes what the source leaves out on request. */
  readonly onOmission: (omission: Omission) => void;
  /** Takes what the source gives in another form on request. */
  readonly onAlteration: (alteration: Alteration) => void;
  /** Takes every id of the source. */
  readonly ids: IdSet;
}

/** Every record of the source against the target, batch by batch, in the order of the source. */
export function compareRecords(options: WalkOptions): AsyncGenerator<ComparedRecord[]> {
  const { concurrency } = options.settings;
  return inOrder(expectedRecords(options), concurrency, (batch) => compareBatch(batch, options));
}

type ExpectedRecord = Pick<ComparedRecord, "expected" | "isRepeated" | "isAltered">;

async function* expectedRecords(options: WalkOptions): AsyncGenerator<ExpectedRecord[]> {
  const { source, target, settings, ids, signal, onOmission } = options;
  const altered = new Set<string>();
  const onAlteration = (alteration: Alteration) => {
    altered.add(alteration.id);
    options.onAlteration(alteration);
  };
  const { embedding } = target;
  const reading = {
    batchSize: settings.batchSize,
    includeVectors: embedding === "carried",
    onOmission,
    onAlteration,
  };
  for await (const batch of source.records({ ...reading, signal })) {
    if (signal?.aborted) throw new CancelledError();
    yield batch.map((record) => ({
      expected: toTargetRecord(record, { embedding, template: settings.template }),
      isRepeated: !ids.add(record.id),
      isAltered: altered.has(record.id),
    }));
    altered.clear();
  }
}

async function compareBatch(batch: ExpectedRecord[], options: WalkOptions): Promise<ComparedRecord[]> {
  const found = await fetchRecords(
    options.target,
    batch.map(({ expected }) => expected.id),
    options,
  );
  return batch.map((record, place) => {
    const actual = found[place];
    return { ...record, actual, differences: compareRecord(record.expected, actual, options.rules) };
  });
}

/** With their vectors: carried ones are compared, and those that the target made must be present. */
export function fetchRecords(
  { store, namespace }: MigrationTarget,
  ids: readonly string[],
  { signal }: CallOptions,
): Promise<(StoreRecord | undefined)[]> {
  return store.fetch(ids, { namespace, includeVectors: true, signal });
}

/** Records in a page that is read for its ids only. */
const idPageSize = 1_000;

/** Every id of the target, page by page. */
export async function* targetIds(
  { store, namespace }: MigrationTarget,
  { signal }: CallOptions,
): AsyncGenerator<string[]> {
  for await (const page of store.range({ namespace, pageSize: idPageSize, signal })) {
    if (signal?.aborted) throw new CancelledError();
    yield page.map(({ id }) => id);
  }
}

/** The ids among these that the source does not have, from a new pass over it. */
export async function absentFromSource(
  source: RecordSource,
  ids: ReadonlySet<string>,
  { signal }: CallOptions,
): Promise<Set<string>> {
  const absent = new Set(ids);
  for await (const batch of source.records({ includeVectors: false, signal })) {
    if (signal?.aborted) throw new CancelledError();
    for (const { id } of batch) absent.delete(id);
  }
  return absent;
}
