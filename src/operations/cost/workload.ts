import type { Holding, Traffic } from "../../pricing/plan-cost.ts";

/** What an index holds and does in a day, as an estimate needs it. */
export interface Workload {
  readonly recordCount: number;
  /** 0 for an index without dense vectors. */
  readonly dimension: number;
  /** UTF-8 bytes of the text and of the metadata as JSON of one record. */
  readonly contentBytesPerRecord: number;
  readonly namespaceCount: number;
  readonly queriesPerDay: number;
  /** Records upserted or deleted a day. */
  readonly updatesPerDay: number;
  /** Matches of a query. */
  readonly topK: number;
  /** Vectors travel with queries and updates; false if the index embeds texts itself. */
  readonly carriesVectors: boolean;
}

const bytesPerComponent = 4;
/** A float32 in JSON takes up to 20 digits; the length of 0.012345678 and of a comma is typical. */
const jsonBytesPerComponent = 12;
/** Headers, ids and scores of a request and its answer. Assumed. */
const bytesPerRequest = 1_000;

/** The workload after everything in it has grown by a factor: records, queries and updates. */
export function grownBy(factor: number, workload: Workload): Workload {
  return {
    ...workload,
    recordCount: workload.recordCount * factor,
    queriesPerDay: workload.queriesPerDay * factor,
    updatesPerDay: workload.updatesPerDay * factor,
  };
}

export function holdingOf(workload: Workload): Holding {
  const { recordCount, dimension, namespaceCount, contentBytesPerRecord } = workload;
  return {
    recordCount,
    dimension,
    namespaceCount,
    contentBytes: recordCount * contentBytesPerRecord,
    vectorBytes: recordCount * dimension * bytesPerComponent,
  };
}

export function trafficOf(workload: Workload): Traffic {
  const { queriesPerDay, updatesPerDay, topK, contentBytesPerRecord, dimension, carriesVectors } = workload;
  const vectorBytes = carriesVectors ? dimension * jsonBytesPerComponent : 0;
  const queryBytes = bytesPerRequest + vectorBytes + topK * contentBytesPerRecord;
  const updateBytes = bytesPerRequest + vectorBytes + contentBytesPerRecord;
  return {
    queries: queriesPerDay,
    updates: updatesPerDay,
    bytes: queriesPerDay * queryBytes + updatesPerDay * updateBytes,
  };
}
