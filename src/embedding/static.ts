import { z } from "zod";
import { CancelledError, DataError } from "../foundation/errors.ts";
import type { Embedder, EmbeddingPurpose } from "./embedder.ts";
import { ModelDirectory, requireDimension } from "./model-directory.ts";
import { readFloats, readTensorEntries, type TensorEntry } from "./safetensors.ts";
import { lengthOf } from "./vector-length.ts";
import { WordPieceTokenizer, wordPieceSchema } from "./word-piece.ts";

/** Maximum tokens of a text that are used; Model2Vec's limit. */
const maximumTokens = 512;

const modelFile = "model.safetensors";
const tokenizerFile = "tokenizer.json";

/** Name of the table in Model2Vec files. */
const tableName = "embeddings";

const tokenizerKindSchema = z.object({ model: z.object({ type: z.string() }) });

export interface StaticEmbedderOptions {
  /** Directory with `model.safetensors` and `tokenizer.json`. */
  readonly path: string;
  /** Expected dimension of the vectors. Default: that of the model. */
  readonly dimension?: number;
  /** Scale vectors to unit length. Default: true. */
  readonly normalize?: boolean;
}

/** A model in memory: its tokenizer, and its table, `float32[tokens × dimension]`, row after row. */
interface LoadedModel {
  readonly tokenizer: WordPieceTokenizer;
  readonly table: Float32Array;
}

/** Whether a directory holds a model that `StaticEmbedder` reads. */
export function isStaticModel(path: string): boolean {
  const directory = new ModelDirectory(path);
  return (
    directory.has(modelFile) &&
    isTable(readTensorEntries(directory.file(modelFile))) &&
    directory.readJson(tokenizerFile, tokenizerKindSchema).model.type === "WordPiece"
  );
}

/** Newer Model2Vec files may add `weights` and a `mapping` of tokens to rows, which change what a row means. */
function isTable(entries: ReadonlyMap<string, TensorEntry>): boolean {
  const table = entries.get(tableName);
  if (table === undefined || entries.size > 1 || table.dtype !== "F32") return false;
  const [rows, dimension, ...further] = table.shape;
  const numbers = (rows ?? 0) * (dimension ?? 0);
  return further.length === 0 && numbers > 0 && table.byteLength === numbers * Float32Array.BYTES_PER_ELEMENT;
}

/**
 * Dense vectors from a static model (Model2Vec): the mean of the table's vectors for the tokens of a text, as Model2Vec
 * computes it. Needs no model runtime. A text without known tokens gets the zero vector, which has cosine 0 with
 * everything.
 */
export class StaticEmbedder implements Embedder {
  readonly model: string;
  readonly dimension: number;
  readonly #directory: ModelDirectory;
  readonly #entry: TensorEntry;
  readonly #normalize: boolean;
  #loading: Promise<LoadedModel> | undefined;

  /**
   * Reads the model's description. The first text loads its table.
   * @throws {NotFoundError} if the directory does not exist
   * @throws {DataError} if it holds no static model
   * @throws {IndexMismatchError} if the model makes vectors of another dimension
   */
  constructor(options: StaticEmbedderOptions) {
    this.#directory = new ModelDirectory(options.path);
    this.model = this.#directory.name;
    this.#normalize = options.normalize ?? true;
    this.#entry = tableOf(this.#directory);
    this.dimension = this.#entry.shape[1] as number;
    requireDimension(this.model, this.dimension, options.dimension);
  }

  async embed(
    texts: readonly string[],
    _purpose: EmbeddingPurpose = "document",
    signal?: AbortSignal | undefined,
  ): Promise<Float32Array[]> {
    this.#loading ??= this.#load().catch((error) => {
      this.#loading = undefined;
      throw error;
    });
    const model = await this.#loading;
    return texts.map((text) => {
      if (signal?.aborted) throw new CancelledError();
      return this.#embedText(model, text);
    });
  }

  async #load(): Promise<LoadedModel> {
    const table = await readFloats(this.#directory.file(modelFile), this.#entry);
    const definition = this.#directory.readJson(tokenizerFile, wordPieceSchema);
    const rowCount = this.#entry.shape[0] as number;
    const beyond = Object.entries(definition.model.vocab).find(([, id]) => id >= rowCount);
    if (beyond) {
      const file = this.#directory.file(tokenizerFile);
      throw new DataError(
        file,
        `${file} has the token ${JSON.stringify(beyond[0])} as number ${beyond[1]}; the table of the model has ${rowCount} rows.`,
        { hint: "Take both files from one model." },
      );
    }
    return { tokenizer: new WordPieceTokenizer(definition), table };
  }

  #embedText({ tokenizer, table }: LoadedModel, text: string): Float32Array {
    const sums = new Float64Array(this.dimension);
    let count = 0;
    for (const id of tokenizer.encode(text)) {
      if (count === maximumTokens) break;
      count++;
      const row = id * this.dimension;
      for (let place = 0; place < sums.length; place++) {
        sums[place] = (sums[place] as number) + (table[row + place] as number);
      }
    }
    const divisor = this.#normalize ? lengthOf(sums) : count;
    return Float32Array.from(sums, (sum) => (divisor === 0 ? 0 : sum / divisor));
  }
}

function tableOf(directory: ModelDirectory): TensorEntry {
  const file = directory.file(modelFile);
  const entries = directory.has(modelFile) ? readTensorEntries(file) : new Map<string, TensorEntry>();
  const entry = entries.get(tableName);
  if (entry === undefined || !isTable(entries)) {
    throw new DataError(
      file,
      `${directory.path} holds no static model: ${modelFile} has to have one tensor, ${tableName}, of float32[tokens × dimension].`,
      { hint: "Take a Model2Vec model with a WordPiece tokenizer, as potion-base-8M is, or an ONNX model." },
    );
  }
  return entry;
}
