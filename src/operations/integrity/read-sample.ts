import { InvalidRequestError, RagfoodError } from "../../foundation/errors.ts";
import type { StoreRecord } from "../../store/document.ts";
import type { CallOptions, StoreInfo, VectorStore } from "../../store/store.ts";

/** Where a pass over the records of an index goes on. */
export interface SamplePosition {
  readonly namespace: string;
  readonly cursor: string;
}

export interface SampleOptions extends CallOptions {
  readonly store: VectorStore;
  /** Records to read. */
  readonly size: number;
  /** Where the sample before ended; `undefined`: at the beginning. */
  readonly position?: SamplePosition | undefined;
}

interface SampleFault {
  readonly namespace: string;
  /** `undefined` if a page could not be read. */
  readonly id: string | undefined;
  readonly problem: string;
}

/** Records that were read again. */
export interface SampleReport {
  /** Records that were read. */
  readonly checked: number;
  /** Records of the index, all namespaces. */
  readonly recordCount: number;
  /** The first 20. */
  readonly faults: readonly SampleFault[];
  readonly faultCount: number;
  /** Where the next sample begins; `undefined` at the end of a pass over all records. */
  readonly position: SamplePosition | undefined;
}

const maximumFaults = 20;
const recordsPerPage = 500;

/**
 * Reads the next records of an index, so that every record is read again within some samples. An embedded index
 * compares each with its checksum; of any index, ids and vectors are checked against what the index says of itself.
 *
 * @throws {ServiceError | StorageError} if the index cannot be asked at all
 * @throws {CancelledError} when `signal` fires
 */
export async function readSample(options: SampleOptions): Promise<SampleReport> {
  const { store, position, signal } = options;
  const info = await store.info({ signal });
  const namespaces = Object.keys(info.namespaces).sort();
  try {
    return await readFrom(options, info, namespaces, position);
  } catch (error) {
    // The position is from before the index was replaced.
    if (position === undefined || !(error instanceof InvalidRequestError)) throw error;
    return await readFrom(options, info, namespaces, undefined);
  }
}

async function readFrom(
  { store, size, signal }: SampleOptions,
  info: StoreInfo,
  namespaces: readonly string[],
  start: SamplePosition | undefined,
): Promise<SampleReport> {
  const faults: SampleFault[] = [];
  let checked = 0;
  const report = (position: SamplePosition | undefined): SampleReport => ({
    checked,
    recordCount: info.recordCount,
    faults: faults.slice(0, maximumFaults),
    faultCount: faults.length,
    position,
  });
  const first = start === undefined ? 0 : Math.max(0, namespaces.indexOf(start.namespace));
  for (const namespace of namespaces.slice(first)) {
    let next: string | undefined;
    const isResumed = namespace === start?.namespace;
    const pages = store.range({
      namespace,
      pageSize: Math.min(size, recordsPerPage),
      includeVectors: true,
      ...(isResumed && { cursor: start.cursor }),
      onPage: (cursor) => {
        next = cursor;
      },
      signal,
    });
    try {
      for await (const records of pages) {
        checked += records.length;
        for (const record of records) faults.push(...faultsOf(record, namespace, info));
        if (checked >= size && next !== undefined) return report({ namespace, cursor: next });
      }
    } catch (error) {
      if (!isDamage(error)) throw error;
      // Which record it is, the message says. The next sample begins a new pass.
      faults.push({ namespace, id: undefined, problem: error.message });
      return report(undefined);
    }
  }
  return report(undefined);
}

/** An embedded index refuses to return a record that is not what its checksum says. */
function isDamage(error: unknown): error is RagfoodError {
  return (
    error instanceof RagfoodError &&
    error.code === "storage" &&
    /is not what was written|is damaged/.test(error.message)
  );
}

function faultsOf({ id, vector }: StoreRecord, namespace: string, { dimension }: StoreInfo): SampleFault[] {
  if (id === "") return [{ namespace, id, problem: "it has no id" }];
  if (vector === undefined || dimension === 0) return [];
  if (vector.length !== dimension)
    return [{ namespace, id, problem: `its vector has ${vector.length} dimensions instead of ${dimension}` }];
  return vector.every(Number.isFinite) ? [] : [{ namespace, id, problem: "its vector holds no numbers" }];
}
