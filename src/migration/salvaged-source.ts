import type { StoreRecord } from "../store/document.ts";
import type { CallOptions } from "../store/store.ts";
import type { RecordSource, RecordsOptions, SkippedRecords, SourceDescription } from "./source.ts";

/** A source that continues after an unreadable record. */
export interface SkippingSource extends RecordSource {
  /** What the last pass skipped. */
  readonly skipped: SkippedRecords;
}

/**
 * A damaged source as the records that can be read of it. The first `describe` reads the source once, so that
 * every count downstream is of the records that it really gives, and the skipped ones are known before a write.
 */
export class SalvagedSource implements RecordSource {
  readonly name: string;
  readonly #source: SkippingSource;
  #description: Promise<SourceDescription> | undefined;

  constructor(source: SkippingSource) {
    this.name = source.name;
    this.#source = source;
  }

  async describe(options: CallOptions = {}): Promise<SourceDescription> {
    this.#description ??= this.#survey(options);
    try {
      return await this.#description;
    } catch (error) {
      this.#description = undefined;
      throw error;
    }
  }

  acceptMissingVectors(): void {
    this.#source.acceptMissingVectors?.();
    this.#description = undefined;
  }

  records(options?: RecordsOptions): AsyncGenerator<StoreRecord[]> {
    return this.#source.records(options);
  }

  close(): Promise<void> {
    return this.#source.close();
  }

  async #survey(options: CallOptions): Promise<SourceDescription> {
    const description = await this.#source.describe(options);
    let recordCount = 0;
    for await (const batch of this.#source.records(options)) recordCount += batch.length;
    return { ...description, recordCount, skipped: this.#source.skipped };
  }
}
