import type { StoreRecord } from "../store/document.ts";
import type { CallOptions } from "../store/store.ts";
import type { RecordSource, RecordsOptions, SourceDescription } from "./source.ts";
import { type RecordTransformation, toTargetRecord } from "./target-record.ts";

/** A source whose records are as the target has to hold them, for an import that writes them unchanged. */
export class TransformedSource implements RecordSource {
  readonly name: string;
  readonly #source: RecordSource;
  readonly #transformation: RecordTransformation;

  constructor(source: RecordSource, transformation: RecordTransformation) {
    this.name = source.name;
    this.#source = source;
    this.#transformation = transformation;
  }

  describe(options?: CallOptions): Promise<SourceDescription> {
    return this.#source.describe(options);
  }

  async *records(options?: RecordsOptions): AsyncGenerator<StoreRecord[]> {
    for await (const batch of this.#source.records(options)) {
      yield batch.map((record) => toTargetRecord(record, this.#transformation));
    }
  }

  close(): Promise<void> {
    return this.#source.close();
  }
}
