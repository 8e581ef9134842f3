import { IndexMismatchError, ServiceFaultError } from "../errors.ts";
import { type OllamaConnection, ollamaClient, ollamaError } from "../ollama.ts";
import { Patience } from "../patience.ts";
import type { Embedder } from "./embedder.ts";

/** Texts in one request to `/api/embed`. */
const batchSize = 32;

/** Dense vectors from a model that Ollama runs. */
export class OllamaEmbedder implements Embedder {
  readonly model: string;
  readonly dimension: number;
  readonly #connection: OllamaConnection;

  constructor(options: { connection: OllamaConnection; model: string; dimension: number }) {
    this.model = options.model;
    this.dimension = options.dimension;
    this.#connection = options.connection;
  }

  async embed(
    texts: readonly string[],
    _purpose: "document" | "query",
    signal?: AbortSignal,
  ): Promise<Float32Array[]> {
    const vectors: Float32Array[] = [];
    for (let start = 0; start < texts.length; start += batchSize) {
      vectors.push(...(await this.#embedBatch(texts.slice(start, start + batchSize), signal)));
    }
    return vectors;
  }

  async #embedBatch(texts: string[], signal?: AbortSignal): Promise<Float32Array[]> {
    const patience = new Patience(this.#connection.timeoutMs);
    try {
      const client = ollamaClient(this.#connection, patience.signal(signal));
      const { embeddings } = await client.embed({ model: this.model, input: texts });
      return this.#check(embeddings, texts.length);
    } catch (error) {
      throw ollamaError(error, this.#connection, this.model, {
        timedOut: patience.timedOut,
        cancelled: signal?.aborted ?? false,
      });
    } finally {
      patience.end();
    }
  }

  #check(embeddings: unknown, count: number): Float32Array[] {
    if (!Array.isArray(embeddings) || embeddings.length !== count || !embeddings.every(isVector)) {
      throw new ServiceFaultError(
        "ollama",
        `Ollama at ${this.#connection.host} gave no embeddings for ${count} texts.`,
        { hint: `Check that ${this.model} is an embedding model.` },
      );
    }
    return embeddings.map((embedding) => {
      if (embedding.length !== this.dimension) {
        throw new IndexMismatchError(
          `The model ${this.model} makes vectors of ${embedding.length} dimensions; the settings say ${this.dimension}.`,
          { hint: `Set VECTOR_DIMENSION=${embedding.length}, and ingest into an index of that dimension.` },
        );
      }
      return Float32Array.from(embedding);
    });
  }
}

function isVector(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((component) => Number.isFinite(component));
}
