import { describe, expect, it } from "vitest";
import { OpenAiEmbedder } from "../../src/embedding/openai.ts";
import { startServer } from "../helpers/http-server.ts";

const numbersOf = (text: string) => [text.length, text.charCodeAt(0)];

/** A server with OpenAI's `POST /embeddings`; it lists the embeddings in reverse, as the protocol allows. */
function startEmbeddings(
  answer = (input: string[]): unknown => ({
    data: input.map((text, index) => ({ index, embedding: numbersOf(text) })).reverse(),
  }),
) {
  return startServer(({ body }, response) => {
    response.writeHead(200, { "Content-Type": "application/json" });
    response.end(JSON.stringify(answer((JSON.parse(body) as { input: string[] }).input)));
  });
}

function embedderAt(
  url: string,
  options: { apiKey?: string; batchSize?: number; queryPrompt?: string } = {},
) {
  const { apiKey, ...rest } = options;
  const connection = { baseUrl: `${url}/v1`, apiKey, timeoutMs: 2_000 };
  return new OpenAiEmbedder({ connection, model: "bge-m3", dimension: 2, retries: 0, ...rest });
}

describe("OpenAiEmbedder (RAG-15)", () => {
  it("sends batches, and orders the vectors by their index", async () => {
    const { url, received } = await startEmbeddings();
    const texts = ["curry", "soup", "bread"];
    expect(await embedderAt(url, { batchSize: 2 }).embed(texts, "document")).toEqual(
      texts.map((text) => Float32Array.from(numbersOf(text))),
    );
    expect(received.map(({ url: path, body }) => [path, JSON.parse(body).input])).toEqual([
      ["/v1/embeddings", ["curry", "soup"]],
      ["/v1/embeddings", ["bread"]],
    ]);
  });

  it("sends the key, and the prompt before queries alone", async () => {
    const { url, received } = await startEmbeddings();
    const embedder = embedderAt(url, { apiKey: "a-key-of-ours", queryPrompt: "query:" });
    await embedder.embed(["curry"], "query");
    await embedder.embed(["curry"], "document");
    expect(received.map(({ body }) => JSON.parse(body).input[0])).toEqual(["query: curry", "curry"]);
    expect(received[0]?.headers.authorization).toBe("Bearer a-key-of-ours");
  });

  it("refuses a model of another dimension", async () => {
    const { url } = await startEmbeddings((input) => ({
      data: input.map((_, index) => ({ index, embedding: [1, 2, 3] })),
    }));
    await expect(embedderAt(url).embed(["curry"], "document")).rejects.toMatchObject({
      code: "index-mismatch",
    });
  });

  it.each([
    ["too few", () => ({ data: [] })],
    ["no place", () => ({ data: [{ embedding: [1, 2] }] })],
    ["a place twice", (input: string[]) => ({ data: input.map(() => ({ index: 0, embedding: [1, 2] })) })],
    [
      "no numbers",
      () => ({
        data: [
          { index: 0, embedding: ["a", null] },
          { index: 1, embedding: [1, 2] },
        ],
      }),
    ],
    ["all zeros", () => ({ data: [0, 1].map((index) => ({ index, embedding: [0, 0] })) })],
    ["null", () => null],
  ])("refuses an answer with %s", async (_, answer) => {
    const { url } = await startEmbeddings(answer);
    await expect(embedderAt(url).embed(["curry", "soup"], "document")).rejects.toMatchObject({
      code: "service",
    });
  });

  it.each([
    [401, "authentication", /OPENAI_API_KEY/],
    [404, "not-found", /OPENAI_BASE_URL/],
    [429, "rate-limit", /log of the model server/],
    [500, "service", /log of the model server/],
  ] as const)("reports status %d as %s", async (status, code, hint) => {
    const { url } = await startServer((_, response) =>
      response.writeHead(status).end('{"error":{"message":"not today"}}'),
    );
    await expect(embedderAt(url).embed(["curry"], "document")).rejects.toMatchObject({
      code,
      message: expect.stringMatching(/not today/),
      hint: expect.stringMatching(hint),
    });
  });
});
