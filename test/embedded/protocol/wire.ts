import { request } from "node:http";
import { onTestFinished } from "vitest";
import {
  type Emulator,
  type EmulatorOptions,
  type IndexSettings,
  startEmulator,
} from "../../../src/embedded/index.ts";
import { bm25 } from "../../../src/embedding/bm25.ts";
import { HashingEmbedder } from "../../../src/embedding/hashing.ts";

/** What a client puts on the wire. */
export interface WireRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

export interface WireAnswer {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly body: unknown;
}

/** Sends just this, without a header that is not named; GET with a body too, which `fetch` refuses. */
export function exchange(
  url: string,
  { method = "POST", path, headers = {}, body }: WireRequest,
): Promise<WireAnswer> {
  const length = body === undefined ? {} : { "Content-Length": String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, { method, headers: { ...headers, ...length } }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (piece: string) => {
        text += piece;
      });
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          contentType: response.headers["content-type"],
          body: JSON.parse(text),
        }),
      );
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** A served index that is closed with the test. */
export async function served(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = await startEmulator(options);
  onTestFinished(() => emulator.close());
  return emulator;
}

/** Posts JSON with the full token. */
export function post(
  { url, token }: { url: string; token: string },
  command: string,
  payload?: unknown,
): Promise<WireAnswer> {
  return exchange(url, {
    path: `/${command}`,
    headers: { Authorization: `Bearer ${token}` },
    ...(payload !== undefined && { body: JSON.stringify(payload) }),
  });
}

/** Two dimensions, vectors of the caller's own. */
export const hybridOfVectors: IndexSettings = {
  type: "HYBRID",
  dimension: 2,
  similarityFunction: "COSINE",
  embeddingModel: "",
  sparseEmbeddingModel: "",
};

export const sparseOfVectors: IndexSettings = { ...hybridOfVectors, type: "SPARSE", dimension: 0 };

/** A hybrid index that embeds raw text by both of its models. */
export const hybridOfText: EmulatorOptions = {
  settings: {
    type: "HYBRID",
    dimension: 32,
    similarityFunction: "COSINE",
    embeddingModel: "TEST_HASHING_32",
    sparseEmbeddingModel: "BM25",
  },
  embedders: { sparse: bm25, dense: new HashingEmbedder(32) },
};

/** A dense index that embeds raw text. */
export const denseOfText: EmulatorOptions = {
  settings: {
    type: "DENSE",
    dimension: 32,
    similarityFunction: "COSINE",
    embeddingModel: "TEST_HASHING_32",
    sparseEmbeddingModel: "",
  },
  embedders: { dense: new HashingEmbedder(32) },
};
