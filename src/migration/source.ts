import type { DataFault } from "../foundation/errors.ts";
import type { StoreRecord } from "../store/document.ts";
import type { CallOptions } from "../store/store.ts";
import type { Alteration, Omission } from "./omission.ts";

export type SourceKind = "chroma-directory" | "chroma-server" | "dump" | "upstash" | "embedded";

/** Records that a source could not read. */
export interface SkippedRecords {
  readonly count: number;
  /** Each with its id and the problem; the first 1,000. */
  readonly faults: readonly DataFault[];
}

/** Description of one collection of a source, as far as the source knows. */
export interface SourceDescription {
  readonly kind: SourceKind;
  /** The collection of Chroma, the namespace of an index, or the name in a dump. */
  readonly collection: string;
  readonly recordCount: number;
  /** Length of the dense vectors; 0 if there are none. */
  readonly dimension: number;
  /** The metric of the source; `undefined` if it has none. */
  readonly similarityFunction: "COSINE" | "EUCLIDEAN" | "DOT_PRODUCT" | undefined;
  /** The model that made the vectors; `undefined` if the source does not name it. */
  readonly embeddingModel: string | undefined;
  /** Records that are not counted, because they cannot be read. */
  readonly skipped?: SkippedRecords;
}

export interface RecordsOptions extends CallOptions {
  /** Maximum number of records in a batch; a batch of large records has fewer, of about 8 MiB. Default 1,000. */
  readonly batchSize?: number;
  /** Whether vectors are read. Default true. */
  readonly includeVectors?: boolean;
  /**
   * Whether a number in metadata that JavaScript writes with other characters, as a float without a fraction
   * (`1.0`), comes as `JsonText`, for a reader that writes it down again. Default false: as a number.
   */
  readonly exactNumbers?: boolean;
  /** Called for each record and each field that the source leaves out on request. */
  readonly onOmission?: (omission: Omission) => void;
  /** Called for each field that the source gives in another form on request, before the batch of its record. */
  readonly onAlteration?: ((alteration: Alteration) => void) | undefined;
}

/** One collection that a migration reads. */
export interface RecordSource {
  /** As plans and reports name it: `chroma_db/ foods`. */
  readonly name: string;
  describe(options?: CallOptions): Promise<SourceDescription>;
  /**
   * Every record once, in an order that stays the same as long as the source does. Memory is bounded by the batch,
   * in number and in bytes.
   */
  records(options?: RecordsOptions): AsyncGenerator<StoreRecord[]>;
  /**
   * For a target that makes the vectors itself: if a vector is missing or cannot be read, returns the records
   * without it from now on. A source of files then omits all vectors, since an incomplete set compares with
   * nothing, and `describe` says dimension 0. Default: such a record is an error.
   */
  acceptMissingVectors?(): void;
  close(): Promise<void>;
}
