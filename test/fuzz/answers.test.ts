import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OllamaEmbedder } from "../../src/embedding/ollama.ts";
import { RagfoodError } from "../../src/foundation/errors.ts";
import { ChromaServerSource } from "../../src/migration/chroma-server/source.ts";
import { describeOllama } from "../../src/ollama/client.ts";
import { OllamaGenerator } from "../../src/rag/ollama-generator.ts";
import { ChromaStore } from "../../src/store/chroma.ts";
import { UpstashStore } from "../../src/store/upstash.ts";
import { readAnswer } from "../../src/transport/answer.ts";
import { damaged, fuzz, fuzzTimeout, jsonText, mutated, soup, survives } from "./fuzz.ts";

/** What a server says to one request. */
interface Said {
  readonly status: number;
  readonly type: string;
  readonly body: string | Uint8Array;
}

const page = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>";

const status = fc.constantFrom(
  200,
  200,
  200,
  200,
  201,
  204,
  301,
  400,
  401,
  403,
  404,
  409,
  422,
  429,
  500,
  503,
);

/** Answers close to this one, and any others. */
function answersLike(document: unknown): fc.Arbitrary<Said> {
  return fc.record({
    status,
    type: fc.constantFrom("application/json", "application/x-ndjson", "text/html", "text/plain", ""),
    body: fc.oneof<fc.Arbitrary<string | Uint8Array>[]>(
      mutated(document),
      mutated(document),
      damaged(Buffer.from(JSON.stringify(document))),
      fc.constant(JSON.stringify(document)),
      fc.constant(page),
      jsonText,
      soup,
    ),
  });
}

/** A server on loopback with scripted answers by path. */
class Teller {
  said: (path: string) => Said = () => ({ status: 200, type: "application/json", body: "{}" });
  readonly #server: Server = createServer((request, response) => {
    request.resume();
    request.on("end", () => this.#answer(request.url ?? "", response));
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #answer(path: string, response: ServerResponse): void {
    const { status, type, body } = this.said(path);
    response.writeHead(status, { ...(type !== "" && { "Content-Type": type }), Connection: "keep-alive" });
    response.end(status === 204 ? undefined : body);
  }
}

/** One for each input that is under way. */
const tellers = Array.from({ length: 8 }, () => new Teller());
beforeAll(async () => {
  for (const teller of tellers) await teller.start();
});
afterAll(() => {
  for (const teller of tellers) teller.close();
});

async function readToEnd(pieces: AsyncIterable<unknown>, most = 20): Promise<void> {
  let count = 0;
  for await (const _ of pieces) if (++count >= most) return;
}

describe("what services answer may be anything", { timeout: fuzzTimeout }, () => {
  it("an answer of Upstash, or of a proxy before it", async () => {
    const context = {
      endpoint: "query",
      token: { name: "T", value: "secret-token-0123456789" },
      onBytes: () => {},
      maximumBytes: 4_096,
    };
    const header = fc.stringMatching(/^[ -~]{0,40}$/);
    const headers = fc.dictionary(
      fc.constantFrom("retry-after", "x-request-id", "date", "location"),
      header,
      {
        noNullPrototype: true,
      },
    );
    const answer = answersLike({
      result: [{ id: "1", score: 0.5 }],
      error: "bad secret-token-0123456789",
      status: 400,
    });
    await fuzz(fc.tuple(answer, headers), ([{ status, body }, own]) =>
      survives(async () => {
        try {
          const bytes = Buffer.from(body);
          await readAnswer(new Response(status === 204 ? null : bytes, { status, headers: own }), context);
        } catch (error) {
          expect((error as Error).message).not.toContain(context.token.value);
          throw error;
        }
      }, RagfoodError),
    );
  });

  it("results of Upstash of another shape than the client's", async () => {
    const vector = { id: "1", score: 0.5, vector: [1, 2], metadata: { a: 1 }, data: "x" };
    const results: Readonly<Record<string, unknown>> = {
      info: {
        vectorCount: 1,
        pendingVectorCount: 0,
        indexSize: 10,
        dimension: 2,
        similarityFunction: "COSINE",
        indexType: "DENSE",
        denseIndex: { dimension: 2, similarityFunction: "COSINE", embeddingModel: "" },
        namespaces: { "": { vectorCount: 1, pendingVectorCount: 0 } },
      },
      query: [vector],
      fetch: [vector, null],
      range: { nextCursor: "1", vectors: [vector] },
      delete: { deleted: 1 },
      update: { updated: 1 },
      "list-namespaces": ["", "a"],
    };
    const input = fc
      .constantFrom(...Object.keys(results))
      .chain((command) => fc.tuple(fc.constant(command), mutated({ result: results[command] })));
    await fuzz(input, ([command, text]) =>
      survives(async () => {
        const answer = JSON.parse(text) as { result?: never };
        // What has no result is refused before it comes here.
        if (!("result" in answer)) return;
        const store = new UpstashStore({ name: "upstash", requester: { request: async () => answer } });
        if (command === "info") await store.info();
        if (command === "query") await store.query({ vector: [1, 2], topK: 3 });
        if (command === "fetch") await store.fetch(["1", "2"]);
        if (command === "range") await readToEnd(store.range(), Number.POSITIVE_INFINITY);
        if (command === "delete") await store.delete({ ids: ["1"] });
        if (command === "update") await store.update({ id: "1", text: "x" });
        if (command === "list-namespaces") await store.listNamespaces();
      }, RagfoodError),
    );
  });

  it("an answer of Ollama", async () => {
    const request = { question: "q", sources: [], history: [] };
    const part = (content: string, done: boolean) => ({
      model: "m",
      message: { role: "assistant", content },
      done,
    });
    const lines = fc
      .array(fc.oneof(mutated(part("x", false)), fc.constant(JSON.stringify(part("x", false))), jsonText), {
        maxLength: 4,
      })
      .map(
        (parts): Said => ({
          status: 200,
          type: "application/x-ndjson",
          body: [...parts, JSON.stringify(part("", true))].join("\n"),
        }),
      );
    const input = fc.oneof(
      fc.tuple(fc.constant("embed"), answersLike({ model: "m", embeddings: [[1, 2]] })),
      fc.tuple(fc.constant("chat"), fc.oneof(lines, answersLike(part("x", true)))),
      fc.tuple(fc.constant("describe"), answersLike({ version: "0.9.0", models: [{ name: "m:latest" }] })),
    );
    await fuzz(
      input,
      async ([call, said], place) => {
        const teller = tellers[place] as Teller;
        teller.said = () => said;
        const connection = { host: teller.url, timeoutMs: 10_000 };
        const embedder = new OllamaEmbedder({ connection, model: "m", dimension: 2, retries: 0 });
        const generator = new OllamaGenerator({ connection, model: "m" });
        await survives(async () => {
          if (call === "embed") await embedder.embed(["a"], "document");
          else if (call === "chat") await readToEnd(generator.generate(request));
          else {
            const { version, models } = await describeOllama(connection);
            expect([version, ...models].filter((word) => typeof word !== "string")).toEqual([]);
          }
        }, RagfoodError);
      },
      { share: 0.5, together: 8 },
    );
  });

  it("an answer of a Chroma server", async () => {
    const collection = {
      id: "3f9a2a6e-0000-4000-8000-000000000001",
      name: "foods",
      metadata: { "hnsw:space": "cosine" },
      configuration_json: { hnsw: { space: "cosine" } },
      dimension: 2,
      tenant: "default_tenant",
      database: "default_database",
      version: 0,
      log_position: 0,
    };
    const records = {
      ids: ["a"],
      documents: ["x"],
      metadatas: [{ a: 1, "ragfood:rest": '{"b":null}' }],
      embeddings: [[1, 2]],
      include: ["documents"],
    };
    const nearest = {
      ids: [["a"]],
      documents: [["x"]],
      metadatas: [[{ a: 1 }]],
      embeddings: [[[1, 2]]],
      distances: [[0.5]],
      include: [],
    };
    const usual = (path: string): unknown =>
      path.endsWith("/query")
        ? nearest
        : path.endsWith("/get")
          ? records
          : path.endsWith("/count")
            ? 1
            : path.endsWith("/pre-flight-checks")
              ? { max_batch_size: 100 }
              : path.endsWith("/collections_count")
                ? 1
                : /\/collections(\?.*)?$/.test(path)
                  ? [collection]
                  : /\/auth\/identity$/.test(path)
                    ? { user_id: "", tenant: "default_tenant", databases: ["default_database"] }
                    : collection;
    const where: Readonly<Record<string, unknown>> = {
      "/query": nearest,
      "/get": records,
      "/count": 1,
      "/collections/foods": collection,
      "/collections?limit=100&offset=0": [collection],
    };
    const input = fc
      .constantFrom(...Object.keys(where))
      .chain((path) =>
        fc.tuple(
          fc.constant(path),
          answersLike(where[path]),
          fc.constantFrom("query", "fetch", "range", "info", "describe", "records"),
        ),
      );
    await fuzz(
      input,
      async ([place, said, call], at) => {
        const teller = tellers[at] as Teller;
        const server = { url: teller.url, timeoutMs: 10_000 };
        teller.said = (path) =>
          path.endsWith(place)
            ? said
            : { status: 200, type: "application/json", body: JSON.stringify(usual(path)) };
        await survives(async () => {
          const store = new ChromaStore({ server, collection: "foods" });
          const source = new ChromaServerSource({ server, collection: "foods", onChange: () => {} });
          if (call === "query") await store.query({ vector: [1, 2], topK: 1 });
          if (call === "fetch") await store.fetch(["a"], { includeVectors: true });
          if (call === "range") await readToEnd(store.range());
          if (call === "info") await store.info();
          if (call === "describe") await source.describe();
          if (call === "records") await readToEnd(source.records());
        }, RagfoodError);
      },
      { share: 0.2, together: 8 },
    );
  });
});
