import { Buffer } from "node:buffer";
import { CancelledError } from "../../foundation/errors.ts";
import type { StoreRecord, Vector } from "../../store/document.ts";
import type { CallOptions } from "../../store/store.ts";
import { modelTokens, upstashRecordLimits } from "../../store/upstash-plans.ts";
import { IdSet } from "../id-set.ts";
import { IdTally } from "../id-tally.ts";
import { inOrder } from "../in-order.ts";
import type { RecordSource } from "../source.ts";
import type { Embedding, MigrationTarget } from "../target.ts";
import { toTargetRecord } from "../target-record.ts";
import { NormTally } from "./norm-tally.ts";

/** What there is to migrate: records as the target would get them. */
export class RecordSurvey {
  recordCount = 0;
  textBytes = 0;
  metadataBytes = 0;
  /** Dense components, of all records. */
  componentCount = 0;
  /** Entries of sparse vectors, of all records. */
  sparseEntryCount = 0;
  /** Records by the dimension of their vectors. */
  readonly dimensions: Map<number, IdTally> = new Map();
  readonly norms: NormTally = new NormTally();
  readonly invalidIds: IdTally = new IdTally();
  readonly repeatedIds: IdTally = new IdTally();
  readonly existing: IdTally = new IdTally();
  readonly withoutText: IdTally = new IdTally();
  readonly longText: IdTally = new IdTally();
  readonly largeText: IdTally = new IdTally();
  readonly largeMetadata: IdTally = new IdTally();
  readonly withoutVector: IdTally = new IdTally();
  readonly withVector: IdTally = new IdTally();
  readonly withSparseVector: IdTally = new IdTally();
  readonly withoutSparseVector: IdTally = new IdTally();
  readonly largeSparseVector: IdTally = new IdTally();
  readonly nonFinite: IdTally = new IdTally();
  readonly zeroVector: IdTally = new IdTally();
}

export interface SurveyOptions extends CallOptions {
  readonly source: RecordSource;
  readonly embedding: Embedding;
  /** Where some of the ids may be already; `undefined` where none can be. */
  readonly present: Pick<MigrationTarget, "store" | "namespace"> | undefined;
  readonly template: string | undefined;
  /** The model that would embed the texts. */
  readonly embeddingModel: string;
  readonly onBatch: (recordCount: number) => void;
}

/** English text comes to about 4 characters a token. */
const charactersPerToken = 4;
const batchSize = 500;
const concurrency = 4;

/** Reads the source once, and of the target which ids it has; writes nothing. */
export async function surveyRecords(options: SurveyOptions): Promise<RecordSurvey> {
  const survey = new RecordSurvey();
  const ids = new IdSet();
  const maximumCharacters = modelTokens(options.embeddingModel) * charactersPerToken;
  for await (const batch of withExisting(options)) {
    for (const { record, isThere } of batch) {
      addRecord(survey, record, options.embedding === "carried");
      if (!ids.add(record.id)) survey.repeatedIds.add(record.id);
      else if (isThere) survey.existing.add(record.id);
      if ((record.text?.length ?? 0) > maximumCharacters) survey.longText.add(record.id);
    }
    options.onBatch(survey.recordCount);
  }
  return survey;
}

interface SurveyedRecord {
  readonly record: StoreRecord;
  readonly isThere: boolean;
}

function withExisting(options: SurveyOptions): AsyncGenerator<SurveyedRecord[]> {
  const { present, signal } = options;
  return inOrder(targetRecords(options), concurrency, async (batch) => {
    const found = present
      ? await present.store.fetch(
          batch.map(({ id }) => id),
          { namespace: present.namespace, ...(signal && { signal }) },
        )
      : [];
    return batch.map((record, place) => ({ record, isThere: found[place] !== undefined }));
  });
}

async function* targetRecords({
  source,
  embedding,
  template,
  signal,
}: SurveyOptions): AsyncGenerator<StoreRecord[]> {
  const reading = { batchSize, includeVectors: embedding === "carried" };
  for await (const batch of source.records({ ...reading, ...(signal && { signal }) })) {
    if (signal?.aborted) throw new CancelledError();
    yield batch.map((record) => toTargetRecord(record, { embedding, template }));
  }
}

function addRecord(survey: RecordSurvey, record: StoreRecord, isCarried: boolean): void {
  const { id, text, metadata, sparseVector } = record;
  survey.recordCount++;
  if (id === "" || id.includes("\0")) survey.invalidIds.add(id);
  if (text === undefined || text === "") survey.withoutText.add(id);
  const textBytes = Buffer.byteLength(text ?? "");
  survey.textBytes += textBytes;
  if (textBytes > upstashRecordLimits.textBytes) survey.largeText.add(id);
  const metadataBytes = metadata ? Buffer.byteLength(JSON.stringify(metadata)) : 0;
  survey.metadataBytes += metadataBytes;
  if (metadataBytes > upstashRecordLimits.metadataBytes) survey.largeMetadata.add(id);
  if (!isCarried) return;
  addVector(survey, id, record.vector);
  const entries = sparseVector?.indices.length ?? 0;
  survey.sparseEntryCount += entries;
  if (entries === 0) survey.withoutSparseVector.add(id);
  else survey.withSparseVector.add(id);
  if (entries > upstashRecordLimits.sparseEntries) survey.largeSparseVector.add(id);
}

function addVector(survey: RecordSurvey, id: string, vector: Vector | undefined): void {
  if (vector === undefined || vector.length === 0) {
    survey.withoutVector.add(id);
    return;
  }
  survey.withVector.add(id);
  survey.componentCount += vector.length;
  const alike = survey.dimensions.get(vector.length) ?? new IdTally();
  alike.add(id);
  survey.dimensions.set(vector.length, alike);
  const norm = survey.norms.add(vector);
  if (!Number.isFinite(norm)) survey.nonFinite.add(id);
  if (norm === 0) survey.zeroVector.add(id);
}
