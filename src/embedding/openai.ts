import { batchesOf } from "../foundation/batches.ts";
import { IndexMismatchError, ServiceFaultError } from "../foundation/errors.ts";
import { type OpenAiConnection, requestJson } from "../openai/client.ts";
import { repeatPassingFailures } from "../transport/passing-failures.ts";
import type { Embedder, EmbeddingPurpose } from "./embedder.ts";

export interface OpenAiEmbedderOptions {
  readonly connection: OpenAiConnection;
  readonly model: string;
  readonly dimension: number;
  /** Texts per request. Default 32. */
  readonly batchSize?: number;
  /** Retries while the server is busy or restarts. Default 4. */
  readonly retries?: number;
  /** Prefix of a query, followed by a space; documents get no prefix. Default: none. */
  readonly queryPrompt?: string;
}

const defaultBatchSize = 32;

/** Dense vectors from a model behind OpenAI's API (`POST /embeddings`). */
export class OpenAiEmbedder implements Embedder {
  readonly model: string;
  readonly dimension: number;
  readonly #options: OpenAiEmbedderOptions;

  constructor(options: OpenAiEmbedderOptions) {
    this.model = options.model;
    this.dimension = options.dimension;
    this.#options = options;
  }

  /**
   * @throws {ServiceError} if the server does not answer, lacks the model, or returns an invalid vector
   * @throws {IndexMismatchError} if the model makes vectors of another dimension
   */
  async embed(
    texts: readonly string[],
    purpose: EmbeddingPurpose,
    signal?: AbortSignal | undefined,
  ): Promise<Float32Array[]> {
    const { batchSize = defaultBatchSize, queryPrompt, retries } = this.#options;
    const prompt = purpose === "query" ? queryPrompt : undefined;
    const inputs = prompt === undefined ? texts : texts.map((text) => `${prompt} ${text}`);
    const vectors: Float32Array[] = [];
    for (const batch of batchesOf(inputs, batchSize)) {
      vectors.push(...(await repeatPassingFailures(() => this.#request(batch, signal), signal, retries)));
    }
    return vectors;
  }

  async #request(input: readonly string[], signal: AbortSignal | undefined): Promise<Float32Array[]> {
    const body = { model: this.model, input, encoding_format: "float" };
    const answer = await requestJson(this.#options.connection, { path: "embeddings", body, signal });
    const data = (answer as { data?: unknown } | null)?.data;
    if (!Array.isArray(data) || data.length !== input.length)
      throw this.#fault(`no embeddings for ${input.length} texts`);
    const vectors: Float32Array[] = [];
    for (const item of data as readonly ({ index?: unknown; embedding?: unknown } | null)[]) {
      const place = item?.index;
      if (typeof place !== "number" || !Number.isInteger(place) || place < 0 || place >= input.length)
        throw this.#fault("an embedding without its index");
      vectors[place] = this.#vector(item?.embedding);
    }
    if (Object.keys(vectors).length !== input.length) throw this.#fault("one embedding twice");
    return vectors;
  }

  #vector(embedding: unknown): Float32Array {
    if (!Array.isArray(embedding) || !embedding.every((component) => Number.isFinite(Math.fround(component))))
      throw this.#fault("an embedding that is not a list of finite numbers");
    if (embedding.length !== this.dimension) {
      throw new IndexMismatchError(
        `The model ${this.model} makes vectors of ${embedding.length} dimensions; the settings say ${this.dimension}.`,
        { hint: `Set VECTOR_DIMENSION=${embedding.length}, and ingest into an index of that dimension.` },
      );
    }
    const vector = Float32Array.from(embedding);
    if (!vector.some((component) => component !== 0)) throw this.#fault("a zero vector");
    return vector;
  }

  #fault(problem: string): ServiceFaultError {
    return new ServiceFaultError("openai", `${this.#options.connection.baseUrl} gave ${problem}.`, {
      hint: `Check that ${this.model} is an embedding model.`,
    });
  }
}
