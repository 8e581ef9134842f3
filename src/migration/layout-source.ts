import { type ClientLayout, withLayout } from "./layout.ts";
import { MappedSource } from "./mapped-source.ts";
import type { RecordSource } from "./source.ts";

/** A source whose records have their text where a client reads it. */
export class LayoutSource extends MappedSource {
  constructor(source: RecordSource, layout: ClientLayout) {
    super(source, (record) => ({ ...record, metadata: withLayout(record, layout) }));
  }
}
