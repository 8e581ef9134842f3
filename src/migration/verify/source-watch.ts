import { counted } from "../../foundation/plural.ts";
import type { CallOptions } from "../../store/store.ts";
import type { RecordSource, SourceDescription } from "../source.ts";

/**
 * Tells whether a source changed in number while it was read. A record that is rewritten meanwhile does not
 * show here: a Chroma directory tells of it itself, for others a second pass has to find nothing.
 */
export class SourceWatch {
  readonly #source: RecordSource;
  readonly description: SourceDescription;
  /** Records that were read. */
  readCount = 0;

  private constructor(source: RecordSource, description: SourceDescription) {
    this.#source = source;
    this.description = description;
  }

  static async start(source: RecordSource, options: CallOptions): Promise<SourceWatch> {
    return new SourceWatch(source, await source.describe(options));
  }

  /** One sentence, when all has been read; `undefined` where nothing shows. */
  async change(options: CallOptions): Promise<string | undefined> {
    const { recordCount: before } = this.description;
    const { recordCount: after } = await this.#source.describe(options);
    if (before === this.readCount && after === this.readCount) return undefined;
    const counts =
      before === after
        ? `${before.toLocaleString("en")}`
        : `${before.toLocaleString("en")} before and ${after.toLocaleString("en")} after`;
    return `The source gave ${counted(this.readCount, "record")} and counts ${counts}: it is being written to, or does not give all that it has.`;
  }
}
