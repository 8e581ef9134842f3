import { MappedSource } from "./mapped-source.ts";
import type { RecordSource } from "./source.ts";
import { type RecordTransformation, toTargetRecord } from "./target-record.ts";

/** A source whose records are as the target has to hold them. */
export class TransformedSource extends MappedSource {
  constructor(source: RecordSource, transformation: RecordTransformation) {
    super(source, (record) => toTargetRecord(record, transformation));
  }
}
