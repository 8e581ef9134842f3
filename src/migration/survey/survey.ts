import { CancelledError } from "../../foundation/errors.ts";
import type { Metadata, StoreRecord, Vector } from "../../store/document.ts";
import { jsonBytes } from "../../store/document-problems.ts";
import type { CallOptions } from "../../store/store.ts";
import { modelTokens } from "../../store/upstash-limits.ts";
import { IdSet } from "../id-set.ts";
import { IdTally } from "../id-tally.ts";
import { inOrder } from "../in-order.ts";
import { NormTally } from "../norms.ts";
import type { Alteration, Omission } from "../omission.ts";
import {
  type ProblemCode,
  type RecordLimits,
  type RecordProblem,
  recordProblems,
} from "../record-problems.ts";
import type { RecordSource } from "../source.ts";
import type { MigrationTarget } from "../target.ts";
import { type RecordTransformation, toTargetRecord } from "../target-record.ts";
import { hasContentOf } from "../verify/index.ts";
import { FilterKeys } from "./filter-keys.ts";
import { MetadataKeys } from "./metadata-keys.ts";

export interface SurveyOptions extends CallOptions {
  readonly source: RecordSource;
  /** Transforms a record before it is written. Default: no change. */
  readonly transformation?: RecordTransformation;
  /** Every place that has to hold the records. A dump holds them as the source has them. */
  readonly limits: readonly RecordLimits[];
  /** A target that may already have some of the ids, and which of them this migration wrote. Default: none. */
  readonly present?: PresentTarget | undefined;
  /** The model that embeds the texts; how long they may be depends on it. */
  readonly embeddingModel?: string;
  /** Also counts values of metadata and repeated texts, which takes more time and memory. Default false. */
  readonly isDetailed?: boolean;
  /** Called after each batch with the number of records read. */
  readonly onBatch?: (recordCount: number) => void;
}

interface PresentTarget extends Pick<MigrationTarget, "store" | "namespace"> {
  readonly wrote?: ((id: string) => boolean) | undefined;
}

/** English text has about 4 characters a token. */
const charactersPerToken = 4;
/** Maximum number of vectors in the sample on which rankings are compared: 4 MB at 1,024 dimensions. */
const sampleSize = 1_000;
const batchSize = 500;
const concurrency = 4;
/** Control characters, or space at either end: such ids are easily confused. */
const oddId = /\p{Cc}|^\s|\s$/u;

/**
 * Reads the source once, and which of its ids the target has; writes nothing. Memory is bounded by four batches
 * and 32 to 64 bytes an id.
 *
 * @throws {CancelledError} when the signal fires
 * @throws {ServiceError | StorageError | DataError} if the source or the target cannot be read
 */
export async function surveyRecords(options: SurveyOptions): Promise<Survey> {
  const survey = new Survey(options);
  const read = batches(options, survey);
  for await (const batch of inOrder(read, concurrency, (one) => withTarget(one, options))) {
    for (const { record, existing } of batch) survey.add(record, existing);
    options.onBatch?.(survey.recordCount);
  }
  return survey;
}

async function* batches(
  { source, transformation, signal }: SurveyOptions,
  survey: Survey,
): AsyncGenerator<StoreRecord[]> {
  const includeVectors = transformation?.embedding !== "target";
  const onOmission = (omission: Omission) => survey.omit(omission);
  const onAlteration = ({ id, field }: Alteration) => addTo(survey.alteredFields, field, id);
  const reading = { batchSize, includeVectors, signal, onOmission, onAlteration };
  for await (const batch of source.records(reading)) {
    if (signal?.aborted) throw new CancelledError();
    yield batch;
  }
}

interface SurveyedRecord {
  readonly record: StoreRecord;
  /** What the target has under its id. */
  readonly existing: StoreRecord | undefined;
}

async function withTarget(
  batch: readonly StoreRecord[],
  { present, transformation, signal }: SurveyOptions,
): Promise<SurveyedRecord[]> {
  const ids = batch.map(({ id }) => id);
  const { store, namespace, wrote } = present ?? {};
  const found = await store?.fetch(ids, {
    includeVectors: transformation?.embedding === "carried" && !ids.every((id) => wrote?.(id)),
    ...(namespace !== undefined && { namespace }),
    signal,
  });
  return batch.map((record, place) => ({ record, existing: found?.[place] }));
}

/** What the records of a source are, as they would be written. */
export class Survey {
  recordCount = 0;
  textBytes = 0;
  metadataBytes = 0;
  /** Components of all dense vectors. */
  componentCount = 0;
  /** Entries of all sparse vectors. */
  sparseEntryCount = 0;
  /** Records that one of the places cannot hold, by the reason. */
  readonly problems: Map<ProblemCode, IdTally> = new Map();
  /** The reason of the first of them, in full. */
  readonly examples: Map<ProblemCode, RecordProblem> = new Map();
  /** Records by the dimension of their vectors. */
  readonly dimensions: Map<number, IdTally> = new Map();
  readonly norms: NormTally = new NormTally(sampleSize);
  readonly zeroVectors: IdTally = new IdTally();
  readonly repeatedIds: IdTally = new IdTally();
  readonly oddIds: IdTally = new IdTally();
  /** Records whose id the target already has. */
  readonly existing: IdTally = new IdTally();
  /** Those of them that have other content there, and that this migration did not write. */
  readonly foreign: IdTally = new IdTally();
  /** Whole records that are left out on request. */
  readonly omittedRecords: IdTally = new IdTally();
  /** Why the first of them is. */
  omissionReason = "";
  /** Records whose field is left out on request, by its key. */
  readonly omittedFields: Map<string, IdTally> = new Map();
  /** Records whose field has integers that are kept as text on request, by its key. */
  readonly alteredFields: Map<string, IdTally> = new Map();
  readonly withoutText: IdTally = new IdTally();
  readonly blankTexts: IdTally = new IdTally();
  readonly longTexts: IdTally = new IdTally();
  readonly repeatedTexts: IdTally = new IdTally();
  /** Metadata keys that no filter can name. */
  readonly filterKeys: FilterKeys = new FilterKeys();
  /** Values of metadata, of a detailed survey. */
  readonly keys: MetadataKeys = new MetadataKeys();
  readonly #options: Pick<SurveyOptions, "transformation" | "limits" | "isDetailed" | "present">;
  readonly #maximumCharacters: number;
  readonly #ids = new IdSet();
  readonly #texts = new IdSet();

  constructor(
    options: Pick<SurveyOptions, "transformation" | "limits" | "isDetailed" | "embeddingModel" | "present">,
  ) {
    this.#options = options;
    this.#maximumCharacters = modelTokens(options.embeddingModel ?? "") * charactersPerToken;
  }

  /**
   * @param original the record as the source has it
   * @param existing what the target has under its id
   */
  add(original: StoreRecord, existing: StoreRecord | undefined): void {
    const { transformation, isDetailed } = this.#options;
    const record = transformation ? toTargetRecord(original, transformation) : original;
    const { id, text, metadata, vector, sparseVector } = record;
    this.recordCount++;
    const hasJson = this.#addProblems(original, record);
    if (!this.#ids.add(id)) this.repeatedIds.add(id);
    else if (existing) this.#addExisting(record, existing);
    if (oddId.test(id)) this.oddIds.add(id);
    this.#addText(id, text);
    if (hasJson && metadata) this.#addMetadata(id, metadata);
    if (isDetailed && metadata) this.keys.add(metadata);
    if (vector?.length) this.#addVector(id, vector);
    this.sparseEntryCount += sparseVector?.indices.length ?? 0;
  }

  omit({ id, field, reason }: Omission): void {
    if (field !== undefined) addTo(this.omittedFields, field, id);
    else {
      if (this.omittedRecords.count === 0) this.omissionReason = reason;
      this.omittedRecords.add(id);
    }
  }

  #addExisting(record: StoreRecord, existing: StoreRecord): void {
    const { transformation, present } = this.#options;
    this.existing.add(record.id);
    if (present?.wrote?.(record.id)) return;
    if (!hasContentOf(record, existing, transformation?.embedding ?? "carried")) this.foreign.add(record.id);
  }

  /** @returns whether the metadata is JSON */
  #addProblems(original: StoreRecord, record: StoreRecord): boolean {
    const found = new Map<ProblemCode, RecordProblem>();
    for (const limits of this.#options.limits) {
      const held = limits.holder === "dump" ? original : record;
      for (const problem of recordProblems(held, limits)) found.set(problem.code, problem);
    }
    for (const [code, problem] of found) {
      addTo(this.problems, code, record.id);
      if (!this.examples.has(code)) this.examples.set(code, problem);
    }
    return !found.has("invalid-metadata");
  }

  #addMetadata(id: string, metadata: Metadata): void {
    this.metadataBytes += jsonBytes(metadata);
    this.filterKeys.add(id, metadata);
  }

  #addText(id: string, text: string | undefined): void {
    if (text === undefined) this.withoutText.add(id);
    else if (text.trim() === "") this.blankTexts.add(id);
    if (text === undefined || text === "") return;
    this.textBytes += Buffer.byteLength(text);
    if (text.length > this.#maximumCharacters) this.longTexts.add(id);
    if (this.#options.isDetailed && text.trim() !== "" && !this.#texts.add(text)) this.repeatedTexts.add(id);
  }

  #addVector(id: string, vector: Vector): void {
    this.componentCount += vector.length;
    addTo(this.dimensions, vector.length, id);
    if (this.norms.add(vector) === 0) this.zeroVectors.add(id);
  }
}

function addTo<Key>(tallies: Map<Key, IdTally>, key: Key, id: string): void {
  const tally = tallies.get(key) ?? new IdTally();
  tally.add(id);
  tallies.set(key, tally);
}
