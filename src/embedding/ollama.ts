import { batchesOf } from "../foundation/batches.ts";
import { IndexMismatchError, InvalidRequestError, ServiceFaultError } from "../foundation/errors.ts";
import { IdleTimeout } from "../foundation/idle-timeout.ts";
import { ollamaClient, ollamaError } from "../ollama/client.ts";
import type { OllamaConnection } from "../ollama/connection.ts";
import { repeatPassingFailures } from "../transport/passing-failures.ts";
import type { Embedder, EmbeddingPurpose } from "./embedder.ts";

export interface OllamaEmbedderOptions {
  readonly connection: OllamaConnection;
  readonly model: string;
  readonly dimension: number;
  /** Texts per request to `/api/embed`. Default 32. */
  readonly batchSize?: number;
  /** Retries while the server is busy or restarts. Default 4. */
  readonly retries?: number;
  /** Prefix of a query, followed by a space; documents get no prefix. Default: none. */
  readonly queryPrompt?: string;
  /** Called with the number of texts that were cut because they exceed the model's context. */
  readonly onTruncate?: (count: number) => void;
}

const defaultBatchSize = 32;

/** Ollama's error for a text beyond the model's context if truncation is off. */
const tooLong = /exceeds? (?:the |maximum |its )*context length/i;

/** Share of a text that is kept if it is still too long. */
const shortening = 0.75;

/**
 * Dense vectors from a model that Ollama runs. A text beyond the model's context is cut and reported. Ollama would cut
 * it silently, so requests turn truncation off and repeat only such texts with truncation.
 */
export class OllamaEmbedder implements Embedder {
  readonly model: string;
  readonly dimension: number;
  readonly #connection: OllamaConnection;
  readonly #batchSize: number;
  readonly #queryPrompt: string | undefined;
  readonly #retries: number | undefined;
  readonly #onTruncate: (count: number) => void;

  constructor(options: OllamaEmbedderOptions) {
    this.model = options.model;
    this.dimension = options.dimension;
    this.#connection = options.connection;
    this.#batchSize = options.batchSize ?? defaultBatchSize;
    this.#queryPrompt = options.queryPrompt;
    this.#retries = options.retries;
    this.#onTruncate = options.onTruncate ?? (() => {});
  }

  /**
   * Vectors as the model returns them. Whether they have unit length depends on the version of Ollama.
   * @throws {ServiceError} if Ollama does not answer, lacks the model, or returns an invalid vector
   * @throws {IndexMismatchError} if the model makes vectors of another dimension
   */
  async embed(
    texts: readonly string[],
    purpose: EmbeddingPurpose,
    signal?: AbortSignal | undefined,
  ): Promise<Float32Array[]> {
    const prompt = purpose === "query" ? this.#queryPrompt : undefined;
    const inputs = prompt === undefined ? texts : texts.map((text) => `${prompt} ${text}`);
    const vectors: Float32Array[] = [];
    for (const batch of batchesOf(inputs, this.#batchSize)) {
      vectors.push(...(await this.#embedBatch(batch, signal)));
    }
    return vectors;
  }

  /** One text that is too long fails the whole batch. Halving finds it in a few requests. */
  async #embedBatch(texts: readonly string[], signal: AbortSignal | undefined): Promise<Float32Array[]> {
    try {
      return await this.#request(texts, false, signal);
    } catch (error) {
      if (!isTooLong(error)) throw error;
      if (texts.length === 1) return await this.#requestCut(texts[0] as string, signal);
    }
    const middle = Math.ceil(texts.length / 2);
    return [
      ...(await this.#embedBatch(texts.slice(0, middle), signal)),
      ...(await this.#embedBatch(texts.slice(middle), signal)),
    ];
  }

  /** Ollama 0.13.5 and later may refuse a text even with truncation on. It is then shortened here until it fits. */
  async #requestCut(text: string, signal: AbortSignal | undefined): Promise<Float32Array[]> {
    let rest = text;
    for (;;) {
      try {
        const vectors = await this.#request([rest], true, signal);
        this.#onTruncate(1);
        return vectors;
      } catch (error) {
        if (!isTooLong(error) || rest.length < 2) throw error;
        rest = rest.slice(0, Math.floor(rest.length * shortening));
      }
    }
  }

  #request(
    texts: readonly string[],
    truncate: boolean,
    signal: AbortSignal | undefined,
  ): Promise<Float32Array[]> {
    return repeatPassingFailures(() => this.#attempt(texts, truncate, signal), signal, this.#retries);
  }

  async #attempt(
    texts: readonly string[],
    truncate: boolean,
    signal: AbortSignal | undefined,
  ): Promise<Float32Array[]> {
    const idleTimeout = new IdleTimeout(this.#connection.timeoutMs);
    try {
      const client = ollamaClient(this.#connection, idleTimeout.signal(signal));
      const { embeddings } = await client.embed({ model: this.model, input: [...texts], truncate });
      return this.#check(embeddings, texts.length);
    } catch (error) {
      throw ollamaError(error, this.#connection, this.model, {
        timedOut: idleTimeout.timedOut,
        cancelled: signal?.aborted ?? false,
      });
    } finally {
      idleTimeout.end();
    }
  }

  #check(embeddings: unknown, count: number): Float32Array[] {
    if (!Array.isArray(embeddings) || embeddings.length !== count || !embeddings.every(isVector)) {
      throw this.#fault(`gave no embeddings for ${count} texts.`);
    }
    return embeddings.map((embedding) => {
      if (embedding.length !== this.dimension) {
        throw new IndexMismatchError(
          `The model ${this.model} makes vectors of ${embedding.length} dimensions; the settings say ${this.dimension}.`,
          { hint: `Set VECTOR_DIMENSION=${embedding.length}, and ingest into an index of that dimension.` },
        );
      }
      const vector = Float32Array.from(embedding);
      if (!vector.some((component) => component !== 0)) throw this.#fault("gave a zero vector.");
      return vector;
    });
  }

  #fault(problem: string): ServiceFaultError {
    return new ServiceFaultError("ollama", `Ollama at ${this.#connection.host} ${problem}`, {
      hint: `Check that ${this.model} is an embedding model.`,
    });
  }
}

function isTooLong(error: unknown): boolean {
  return error instanceof InvalidRequestError && tooLong.test(error.message);
}

/** Also finite as float32, where values that are too large become infinite. */
function isVector(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((component) => Number.isFinite(Math.fround(component)));
}
