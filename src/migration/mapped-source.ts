import type { StoreRecord } from "../store/document.ts";
import type { CallOptions } from "../store/store.ts";
import type { RecordSource, RecordsOptions, SourceDescription } from "./source.ts";

type RecordChange = (record: StoreRecord, options: RecordsOptions) => StoreRecord;

/** A source whose records are changed, or only seen, one by one as they pass. */
export class MappedSource implements RecordSource {
  readonly name: string;
  readonly #source: RecordSource;
  readonly #change: RecordChange;

  constructor(source: RecordSource, change: RecordChange) {
    this.name = source.name;
    this.#source = source;
    this.#change = change;
  }

  describe(options?: CallOptions): Promise<SourceDescription> {
    return this.#source.describe(options);
  }

  async *records(options: RecordsOptions = {}): AsyncGenerator<StoreRecord[]> {
    for await (const batch of this.#source.records(options)) {
      yield batch.map((record) => this.#change(record, options));
    }
  }

  close(): Promise<void> {
    return this.#source.close();
  }
}
