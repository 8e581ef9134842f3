import type { DataFault } from "../foundation/errors.ts";
import type { RecordFault } from "./record-fault.ts";
import type { SkippedRecords } from "./source.ts";

/** Faults that are kept; further ones are counted. */
const maximumKept = 1_000;

/** Counts the records that one pass over a source skips. */
export class SkippedTally implements SkippedRecords {
  count = 0;
  readonly faults: DataFault[] = [];

  add(id: string, { problem, hint }: RecordFault): void {
    this.count++;
    if (this.faults.length < maximumKept)
      this.faults.push({ id, problem, ...(hint !== undefined && { hint }) });
  }
}
