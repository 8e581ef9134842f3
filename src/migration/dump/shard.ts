import type { StoreRecord } from "../../store/document.ts";
import type { DumpKey } from "./encryption.ts";

export interface ShardEncoderOptions {
  readonly path: string;
  /** The name of the file, without its directory. */
  readonly file: string;
  readonly key: DumpKey | undefined;
  /** Whether dense vectors will be most of the content. */
  readonly hasVectors: boolean;
}

/** A shard on disk. */
export interface ShardFile {
  readonly byteCount: number;
  /** SHA-256 of the file. */
  readonly sha256: string;
}

/** Writes the records of one shard. */
export interface ShardEncoder {
  /** Bytes appended so far, before compression and encryption. */
  readonly contentByteCount: number;
  /** @returns a promise if the caller has to wait for the disk */
  append(record: StoreRecord): Promise<void> | undefined;
  /** Resolves when the file is on disk. */
  end(): Promise<ShardFile>;
  /** Stops at once and closes the file. */
  destroy(): Promise<void>;
}

export interface ReadShardOptions {
  /** As errors name the file. */
  readonly path: string;
  readonly contentByteCount: number;
  readonly batchSize: number;
  readonly includeVectors: boolean;
  /** Whether numbers keep the form in which they were written, as `JsonText` (../source.ts). Default false. */
  readonly exactNumbers?: boolean;
}

export type RecordBatches = AsyncGenerator<StoreRecord[]>;
