import { MappedSource } from "../mapped-source.ts";
import type { RecordSource } from "../source.ts";
import type { KeyRenaming } from "./key-renaming.ts";

/** A source whose metadata has the new keys: what the target holds, and what verification compares it with. */
export class RenamedSource extends MappedSource {
  constructor(source: RecordSource, renaming: KeyRenaming) {
    super(source, (record) =>
      record.metadata ? { ...record, metadata: renaming.apply(record.metadata) } : record,
    );
  }
}
