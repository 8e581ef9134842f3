import type { StoreRecord } from "../store/document.ts";
import type { CallOptions } from "../store/store.ts";
import type { RecordSource, RecordsOptions, SourceDescription } from "./source.ts";

/** A source whose records are changed, or only seen, one by one as they pass. */
export class MappedSource implements RecordSource {
  readonly name: string;
  readonly #source: RecordSource;
  readonly #change: (record: StoreRecord) => StoreRecord;

  constructor(source: RecordSource, change: (record: StoreRecord) => StoreRecord) {
    this.name = source.name;
    this.#source = source;
    this.#change = change;
  }

  describe(options?: CallOptions): Promise<SourceDescription> {
    return this.#source.describe(options);
  }

  async *records(options?: RecordsOptions): AsyncGenerator<StoreRecord[]> {
    for await (const batch of this.#source.records(options)) yield batch.map(this.#change);
  }

  close(): Promise<void> {
    return this.#source.close();
  }
}
