import type { StoreRecord } from "../store/document.ts";
import type { CallOptions } from "../store/store.ts";
import type { RecordSource, RecordsOptions, SourceDescription } from "./source.ts";

/** A source whose records are changed one by one as they are read. */
export class MappedSource implements RecordSource {
  readonly name: string;
  readonly #source: RecordSource;
  readonly #map: (record: StoreRecord) => StoreRecord;

  constructor(source: RecordSource, map: (record: StoreRecord) => StoreRecord) {
    this.name = source.name;
    this.#source = source;
    this.#map = map;
  }

  describe(options?: CallOptions): Promise<SourceDescription> {
    return this.#source.describe(options);
  }

  async *records(options?: RecordsOptions): AsyncGenerator<StoreRecord[]> {
    for await (const batch of this.#source.records(options)) yield batch.map(this.#map);
  }

  acceptMissingVectors(): void {
    this.#source.acceptMissingVectors?.();
  }

  close(): Promise<void> {
    return this.#source.close();
  }
}
