import { describe, expect, it } from "vitest";
import { OllamaEmbedder, type OllamaEmbedderOptions } from "../../src/embedding/ollama.ts";
import { NotFoundError, ServiceFaultError } from "../../src/foundation/errors.ts";
import { describeOllama } from "../../src/ollama/client.ts";
import { startServer } from "../helpers/http-server.ts";
import { answering, startOllama } from "../helpers/ollama-server.ts";

/** Two numbers that identify a text: its length and its first code unit. */
const numbersOf = (text: string) => [text.length, text.charCodeAt(0)];

function embedderAt(host: string, options: Partial<OllamaEmbedderOptions> = {}): OllamaEmbedder {
  return new OllamaEmbedder({
    connection: { host, timeoutMs: 5_000 },
    model: "mxbai-embed-large",
    dimension: 2,
    ...options,
  });
}

/** What was sent to `/api/embed`. */
const bodiesOf = (received: readonly { body: string }[]) =>
  received.map(({ body }) => JSON.parse(body) as { input: string[]; truncate: boolean; model: string });

/** An Ollama that reads 10 characters; with `mayCut`, it truncates longer texts on request. */
function startShortOllama(mayCut: boolean) {
  return startServer(({ body }, response) => {
    const { input, truncate } = JSON.parse(body) as { input: string[]; truncate: boolean };
    const isRefused = input.some((text) => text.length > 10) && !(truncate && mayCut);
    response.writeHead(isRefused ? 400 : 200, { "Content-Type": "application/json" });
    response.end(
      JSON.stringify(
        isRefused
          ? { error: "the input length exceeds the context length" }
          : { embeddings: input.map((text) => numbersOf(text.slice(0, 10))) },
      ),
    );
  });
}

describe("OllamaEmbedder (VEC-5)", () => {
  it("sends batches, and keeps the order", async () => {
    const { url, received } = await startOllama(answering(), { embed: numbersOf });
    const texts = Array.from({ length: 7 }, (_, place) => "abcdefg".slice(place));
    const vectors = await embedderAt(url, { batchSize: 3 }).embed(texts, "document");
    expect(vectors).toEqual(texts.map((text) => Float32Array.from(numbersOf(text))));
    expect(bodiesOf(received).map(({ input }) => input.length)).toEqual([3, 3, 1]);
    expect(bodiesOf(received)[0]?.model).toBe("mxbai-embed-large");
  });

  it("puts the prompt before queries alone", async () => {
    const { url, received } = await startOllama(answering(), { embed: numbersOf });
    const embedder = embedderAt(url, {
      queryPrompt: "Represent this sentence for searching relevant passages:",
    });
    await embedder.embed(["curry"], "document");
    await embedder.embed(["curry"], "query");
    expect(bodiesOf(received).map(({ input }) => input)).toEqual([
      ["curry"],
      ["Represent this sentence for searching relevant passages: curry"],
    ]);
  });

  it.each([true, false])(
    "counts texts that the model does not read to the end (server cuts: %s)",
    async (mayCut) => {
      const { url, received } = await startShortOllama(mayCut);
      let cut = 0;
      const embedder = embedderAt(url, { onTruncate: (count) => (cut += count) });
      const vectors = await embedder.embed(
        ["one", "a text that is too long", "three", "another long text"],
        "document",
      );
      expect(cut).toBe(2);
      expect(vectors[0]).toEqual(Float32Array.from(numbersOf("one")));
      expect(vectors[2]).toEqual(Float32Array.from(numbersOf("three")));
      expect(vectors[1]?.[1]).toBe("a".charCodeAt(0));
      if (mayCut) expect(vectors[1]?.[0]).toBe(10);
      expect(bodiesOf(received)[0]?.truncate).toBe(false);
    },
  );

  it("says how to get a model that is missing", async () => {
    const { url } = await startServer((_, response) => {
      response.writeHead(404, { "Content-Type": "application/json" });
      response.end('{"error":"model \\"mxbai-embed-large\\" not found, try pulling it first"}');
    });
    const failing = embedderAt(url).embed(["curry"], "document");
    await expect(failing).rejects.toThrow(NotFoundError);
    await expect(failing).rejects.toMatchObject({ hint: "Run: ollama pull mxbai-embed-large" });
  });

  it.each([
    ["too few", [], ServiceFaultError],
    ["of no direction", [[0, 0]], ServiceFaultError],
    ["not finite in float32", [[1e39, 1]], ServiceFaultError],
    ["of words", [["a", "b"]], ServiceFaultError],
  ])("refuses vectors that are %s", async (_, embeddings, kind) => {
    const { url } = await startServer((__, response) => {
      response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify({ embeddings }));
    });
    await expect(embedderAt(url).embed(["curry"], "document")).rejects.toThrow(kind);
  });

  it("refuses a dimension that the settings do not say, and names it", async () => {
    const { url } = await startOllama(answering(), { embed: () => [1, 2, 3] });
    await expect(embedderAt(url).embed(["curry"], "document")).rejects.toMatchObject({
      code: "index-mismatch",
      hint: expect.stringContaining("VECTOR_DIMENSION=3"),
    });
  });
});

describe("describeOllama", () => {
  it.each([
    ['{"version":null}', '{"models":[]}'],
    ['{"version":"0.9.0"}', '{"models":[{"name":7}]}'],
    ['{"version":"0.9.0"}', '{"models":null}'],
  ])("takes what is no version, or no list of names, for a fault: %s %s", async (version, models) => {
    const { url } = await startServer((received, response) => {
      response.writeHead(200, { "Content-Type": "application/json" });
      response.end(received.url === "/api/version" ? version : models);
    });
    await expect(describeOllama({ host: url, timeoutMs: 5_000 })).rejects.toBeInstanceOf(ServiceFaultError);
  });

  it("asks again when Ollama is busy, and goes on (REL-2)", async () => {
    let requests = 0;
    const { url } = await startServer(({ body }, response) => {
      const { input } = JSON.parse(body) as { input: string[] };
      const isBusy = ++requests <= 2;
      response.writeHead(isBusy ? 503 : 200, { "Content-Type": "application/json", "Retry-After-Ms": "1" });
      response.end(JSON.stringify(isBusy ? { error: "server busy" } : { embeddings: input.map(numbersOf) }));
    });
    expect(await embedderAt(url).embed(["curry"], "document")).toEqual([
      Float32Array.from(numbersOf("curry")),
    ]);
    expect(requests).toBe(3);
  });

  it("does not ask again for a missing model or an answer that cannot be read", async () => {
    for (const [status, body] of [
      [404, { error: "model 'mxbai-embed-large' not found" }],
      [200, { embeddings: "none" }],
    ] as const) {
      const { url, received } = await startServer((_, response) => {
        response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
      });
      await expect(embedderAt(url).embed(["curry"], "document")).rejects.toThrow();
      expect(received.length).toBe(1);
    }
  });

  it("stops waiting for Ollama when the caller gives up", async () => {
    const { url, received } = await startServer((_, response) => {
      response.writeHead(503, { "Retry-After": "20" }).end('{"error":"server busy"}');
    });
    const controller = new AbortController();
    const embedded = embedderAt(url).embed(["curry"], "document", controller.signal);
    await expect.poll(() => received).toHaveLength(1);
    controller.abort();
    await expect(embedded).rejects.toMatchObject({ code: "cancelled" });
  });
});
