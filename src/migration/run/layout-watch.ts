import type { Finding } from "../../foundation/finding.ts";
import { type ClientLayout, clientLayouts, layoutOf } from "../layout.ts";
import { MappedSource } from "../mapped-source.ts";
import type { RecordSource } from "../source.ts";

const clientNames: Readonly<Record<ClientLayout, string>> = {
  langchain: "LangChain",
  llamaindex: "LlamaIndex",
  mastra: "Mastra",
};

/** Recognises, as records pass, which client wrote them to Chroma. */
export class LayoutWatch {
  /** The source to read. */
  readonly source: RecordSource;
  readonly #counts = new Map<ClientLayout, number>();

  constructor(source: RecordSource) {
    this.source = new MappedSource(source, (record) => {
      const layout = record.metadata && layoutOf(record.metadata);
      if (layout) this.#counts.set(layout, (this.#counts.get(layout) ?? 0) + 1);
      return record;
    });
  }

  /** What the Upstash store of that client would not find, and the option that writes it. */
  finding(): Finding | undefined {
    const layout = clientLayouts.find((name) => this.#counts.has(name));
    if (layout === undefined) return undefined;
    const client = clientNames[layout];
    return {
      code: "client-layout",
      level: "warning",
      message: `${client} wrote these records. Its store for Upstash Vector reads the text from the metadata and would return empty texts`,
      hint: `If ${client} will read the target, add --layout ${layout}.`,
      recordCount: this.#counts.get(layout) ?? 0,
    };
  }
}
