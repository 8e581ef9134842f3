import type { Metadata, StoreRecord } from "../store/document.ts";

/** Clients whose Upstash stores read the text of a record from its metadata. */
export const clientLayouts = ["langchain", "llamaindex", "mastra"] as const;

export type ClientLayout = (typeof clientLayouts)[number];

/**
 * The metadata of a record with its text where the client's Upstash store reads it:
 *
 * - `langchain`: `_pageContentLC` (`UpstashVectorStore` of `@langchain/community`);
 * - `llamaindex`: the node in `_node_content`, as JSON, with its text (`UpstashVectorStore` of `@llamaindex/upstash`);
 * - `mastra`: `text` (the examples of `@mastra/rag`; also the default `text_key` of LangChain for Python).
 *
 * A value that the client has already written stays unchanged. A record without text gets nothing.
 */
export function withLayout({ id, text, metadata = {} }: StoreRecord, layout: ClientLayout): Metadata {
  const plainText = typeof metadata.original_text === "string" ? metadata.original_text : text;
  if (plainText === undefined) return metadata;
  if (layout === "llamaindex") return withNode(id, plainText, metadata);
  const key = layout === "langchain" ? "_pageContentLC" : "text";
  return { [key]: plainText, ...metadata };
}

/** A node that LlamaIndex wrote to Chroma has an empty text, which Chroma keeps beside. Its metadata are read apart. */
function withNode(id: string, text: string, metadata: Metadata): Metadata {
  const { _node_content: content, _node_type: type = "TextNode", ...fields } = metadata;
  const node = parsedNode(content) ?? { id_: id, metadata: {}, relationships: {} };
  const isComplete = typeof node.text === "string" && node.text !== "";
  return {
    ...fields,
    _node_type: type,
    _node_content: isComplete && typeof content === "string" ? content : JSON.stringify({ ...node, text }),
  };
}

function parsedNode(content: unknown): Record<string, unknown> | undefined {
  try {
    const node: unknown = typeof content === "string" ? JSON.parse(content) : undefined;
    return typeof node === "object" && node !== null ? (node as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** The client that wrote these metadata to Chroma, as far as their keys show it. */
export function layoutOf(metadata: Metadata): ClientLayout | undefined {
  if ("_node_content" in metadata || "_node_type" in metadata) return "llamaindex";
  const keys = Object.keys(metadata);
  return keys.some((key) => key.startsWith("loc.lines.") || key === "_pageContentLC")
    ? "langchain"
    : undefined;
}
