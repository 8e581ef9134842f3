import type { StoreRecord } from "../store/document.ts";
import type { CallOptions } from "../store/store.ts";
import { type ClientLayout, withLayout } from "./layout.ts";
import type { RecordSource, RecordsOptions, SourceDescription } from "./source.ts";

/** A source whose records have their text where a client reads it. */
export class LayoutSource implements RecordSource {
  readonly name: string;
  readonly #source: RecordSource;
  readonly #layout: ClientLayout;

  constructor(source: RecordSource, layout: ClientLayout) {
    this.name = source.name;
    this.#source = source;
    this.#layout = layout;
  }

  describe(options?: CallOptions): Promise<SourceDescription> {
    return this.#source.describe(options);
  }

  async *records(options?: RecordsOptions): AsyncGenerator<StoreRecord[]> {
    for await (const batch of this.#source.records(options)) {
      yield batch.map((record) => ({ ...record, metadata: withLayout(record, this.#layout) }));
    }
  }

  close(): Promise<void> {
    return this.#source.close();
  }
}
