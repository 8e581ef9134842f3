import { counted } from "../../foundation/plural.ts";
import type { CallOptions } from "../../store/store.ts";
import type { RecordSource, SourceDescription } from "../source.ts";
import type { VerifyReport } from "./report.ts";
import type { VerifyEvent } from "./settings.ts";

/**
 * Reports whether a source changed in number while it was read. It does not see a record that is rewritten
 * meanwhile: a Chroma directory reports that itself, for other sources a second pass has to find nothing.
 */
export class SourceWatch {
  readonly #source: RecordSource;
  readonly description: SourceDescription;
  #readCount = 0;

  private constructor(source: RecordSource, description: SourceDescription) {
    this.#source = source;
    this.description = description;
  }

  static async start(source: RecordSource, options: CallOptions): Promise<SourceWatch> {
    return new SourceWatch(source, await source.describe(options));
  }

  /** Counts records that were read. */
  read(count: number, differenceCount: number): VerifyEvent {
    this.#readCount += count;
    const [done, total] = [this.#readCount, this.description.recordCount];
    return { type: "verify-progress", phase: "records", done, total, differenceCount };
  }

  /** The source as a report names it. */
  summary(): VerifyReport["source"] {
    const { kind, collection } = this.description;
    return { name: this.#source.name, kind, collection, recordCount: this.#readCount };
  }

  /** One sentence, after the last record; `undefined` if no change is seen. */
  async change(options: CallOptions): Promise<string | undefined> {
    const { recordCount: before } = this.description;
    const { recordCount: after } = await this.#source.describe(options);
    if (before === this.#readCount && after === this.#readCount) return undefined;
    const counts =
      before === after
        ? `${before.toLocaleString("en")}`
        : `${before.toLocaleString("en")} before and ${after.toLocaleString("en")} after`;
    return `The source gave ${counted(this.#readCount, "record")} and counts ${counts}: somebody writes to it, or it does not return all of its records.`;
  }
}
