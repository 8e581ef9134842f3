import type { Finding } from "../../foundation/finding.ts";
import type { StoreRecord } from "../../store/document.ts";
import type { CallOptions } from "../../store/store.ts";
import { type ClientLayout, clientLayouts, layoutOf } from "../layout.ts";
import type { RecordSource, RecordsOptions, SourceDescription } from "../source.ts";

/** A source that recognises, as its records pass, which client wrote them to Chroma. */
export class LayoutWatch implements RecordSource {
  readonly name: string;
  readonly #source: RecordSource;
  readonly #chosen: ClientLayout | undefined;
  readonly #counts = new Map<ClientLayout, number>();

  /** @param chosen the layout that the migration writes already */
  constructor(source: RecordSource, chosen: ClientLayout | undefined) {
    this.name = source.name;
    this.#source = source;
    this.#chosen = chosen;
  }

  describe(options?: CallOptions): Promise<SourceDescription> {
    return this.#source.describe(options);
  }

  async *records(options?: RecordsOptions): AsyncGenerator<StoreRecord[]> {
    this.#counts.clear();
    for await (const batch of this.#source.records(options)) {
      for (const { metadata } of batch) {
        const layout = metadata && layoutOf(metadata);
        if (layout) this.#counts.set(layout, (this.#counts.get(layout) ?? 0) + 1);
      }
      yield batch;
    }
  }

  /** What the Upstash store of that client would not find, and the option that writes it. */
  finding(): Finding | undefined {
    if (this.#chosen !== undefined) return undefined;
    const layout = clientLayouts.find((name) => this.#counts.has(name));
    if (layout === undefined) return undefined;
    return {
      code: "client-layout",
      level: "warning",
      message: `${clientNames[layout]} wrote these records. Its store for Upstash Vector reads the text from the metadata and would return empty texts`,
      hint: `If ${clientNames[layout]} will read the target, add --layout ${layout}.`,
      recordCount: this.#counts.get(layout) ?? 0,
    };
  }

  close(): Promise<void> {
    return this.#source.close();
  }
}

const clientNames: Readonly<Record<ClientLayout, string>> = {
  langchain: "LangChain",
  llamaindex: "LlamaIndex",
  mastra: "Mastra",
};
