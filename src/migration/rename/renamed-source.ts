import type { StoreRecord } from "../../store/document.ts";
import type { CallOptions } from "../../store/store.ts";
import type { RecordSource, RecordsOptions, SourceDescription } from "../source.ts";
import type { KeyRenaming } from "./key-renaming.ts";

/** A source whose metadata has the new keys: what the target holds, and what verification compares it with. */
export class RenamedSource implements RecordSource {
  readonly name: string;
  readonly #source: RecordSource;
  readonly #renaming: KeyRenaming;

  constructor(source: RecordSource, renaming: KeyRenaming) {
    this.name = source.name;
    this.#source = source;
    this.#renaming = renaming;
  }

  describe(options?: CallOptions): Promise<SourceDescription> {
    return this.#source.describe(options);
  }

  async *records(options?: RecordsOptions): AsyncGenerator<StoreRecord[]> {
    for await (const batch of this.#source.records(options)) {
      yield batch.map((record) =>
        record.metadata ? { ...record, metadata: this.#renaming.apply(record.metadata) } : record,
      );
    }
  }

  close(): Promise<void> {
    return this.#source.close();
  }
}
