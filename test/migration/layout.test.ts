import { describe, expect, it } from "vitest";
import { layoutOf, withLayout } from "../../src/migration/layout.ts";
import { startIndex } from "../cli/migrate-helpers.ts";
import { chromaOf, project, vectorOf } from "./run/helpers.ts";

const node = { id_: "food-3", metadata: {}, relationships: {}, text: "", class_name: "TextNode" };
const written = { _node_type: "TextNode", _node_content: JSON.stringify(node), calories: 3 };

describe("the layout of a client", () => {
  it.each([
    ["langchain", { _pageContentLC: "Pho.", calories: 3 }],
    ["mastra", { text: "Pho.", calories: 3 }],
  ] as const)("puts the text where %s reads it", (layout, metadata) => {
    expect(withLayout({ id: "1", text: "Pho.", metadata: { calories: 3 } }, layout)).toEqual(metadata);
    expect(withLayout({ id: "1", metadata: { calories: 3 } }, layout)).toEqual({ calories: 3 });
  });

  it("completes the node that LlamaIndex wrote to Chroma without its text", () => {
    const { _node_content: content, ...rest } = withLayout(
      { id: "food-3", text: "Pho.", metadata: written },
      "llamaindex",
    );
    expect(rest).toEqual({ _node_type: "TextNode", calories: 3 });
    expect(JSON.parse(content as string)).toEqual({ ...node, text: "Pho." });
  });

  it("makes a missing node for a record, and does not change a complete one", () => {
    const made = withLayout({ id: "1", text: "Pho.", metadata: { a: 1 } }, "llamaindex");
    expect(made).toMatchObject({ a: 1, _node_type: "TextNode" });
    expect(JSON.parse(made._node_content as string)).toMatchObject({ id_: "1", text: "Pho." });
    const complete = { _node_type: "TextNode", _node_content: '{ "text": "other" }' };
    expect(withLayout({ id: "1", text: "Pho.", metadata: complete }, "llamaindex")).toEqual(complete);
  });

  it("keeps a value that the client has written, and takes the original of an enriched text", () => {
    const metadata = { text: "kept", original_text: "Pho." };
    expect(withLayout({ id: "1", text: "Pho. It is …", metadata }, "mastra")).toEqual(metadata);
    expect(withLayout({ id: "1", text: "Pho. It is …", metadata }, "langchain")._pageContentLC).toBe("Pho.");
  });

  it("is recognised by the keys that the client writes", () => {
    expect(layoutOf(written)).toBe("llamaindex");
    expect(layoutOf({ source: "a.md", "loc.lines.from": 1 })).toBe("langchain");
    expect(layoutOf({ calories: 3 })).toBeUndefined();
  });
});

describe("a migration with a layout", () => {
  it("is proposed by the plan, written, verified, and gives the client its texts", async () => {
    const index = await startIndex();
    const { run } = project(index.environment);
    const source = chromaOf(8, () => ({ metadata: { "loc.lines.from": 1 } }));
    const plain = await run(source, "upstash", { namespace: "plain" });
    expect(plain.events).toContainEqual(
      expect.objectContaining({ type: "finding", code: "client-layout", recordCount: 8 }),
    );
    const { isComplete, events, proof } = await run(source, "upstash", { layout: "langchain" });
    expect(isComplete).toBe(true);
    expect(proof.records).toMatch(/^identical: 8 records/);
    expect(events).not.toContainEqual(expect.objectContaining({ code: "client-layout" }));
    // As `UpstashVectorStore` of @langchain/community 1.1 reads a match.
    const [match] = await index.client.query({ vector: [...vectorOf(3)], topK: 1, includeMetadata: true });
    const { _pageContentLC: pageContent, ...metadata } = match?.metadata ?? {};
    expect({ pageContent, metadata }).toEqual({
      pageContent: "The food number 3.",
      metadata: { "loc.lines.from": 1 },
    });
  });
});
