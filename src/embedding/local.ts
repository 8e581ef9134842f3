import { z } from "zod";
import { batchesOf } from "../foundation/batches.ts";
import {
  CancelledError,
  DataError,
  NotFoundError,
  RagfoodError,
  ServiceFaultError,
} from "../foundation/errors.ts";
import { importOptional } from "../foundation/optional-package.ts";
import type { Embedder, EmbeddingPurpose } from "./embedder.ts";
import { ModelDirectory, requireDimension } from "./model-directory.ts";

/** How the vectors of a text's tokens become one; `none`: the model does it itself. */
export type Pooling = "mean" | "cls" | "last_token" | "none";

/** The part of `@huggingface/transformers` that is used here. */
export interface TransformersModule {
  readonly env: { allowRemoteModels: boolean };
  pipeline(
    task: "feature-extraction",
    path: string,
    options: { readonly dtype: string; readonly local_files_only: boolean },
  ): Promise<FeatureExtractor>;
}

/** Gives a tensor of `float32[texts × dimension]`. */
type FeatureExtractor = (
  texts: string[],
  options: { readonly pooling: Pooling; readonly normalize: boolean },
) => Promise<{ readonly dims: readonly number[]; readonly data: ArrayLike<number> }>;

export interface LocalEmbedderOptions {
  /** Directory of the model: `config.json`, `tokenizer.json` and `onnx/model.onnx`, or a quantized one. */
  readonly path: string;
  /** Default: what `1_Pooling/config.json` of the model says, and the mean without that file. */
  readonly pooling?: Pooling;
  /** Scale vectors to unit length. Default: true. */
  readonly normalize?: boolean;
  /** Expected dimension of the vectors. Default: that of the model. */
  readonly dimension?: number;
  /** Texts that go through the model at once. Default: 32. */
  readonly batchSize?: number;
  /** Where the package comes from. Default: wherever Node.js finds it. */
  readonly loadTransformers?: () => Promise<TransformersModule>;
}

const packageName: string = "@huggingface/transformers";
/** Without the variable, the runtime downloads its CUDA libraries as well. */
const installCommand = `ONNXRUNTIME_NODE_INSTALL=skip npm install ${packageName}`;

const defaultBatchSize = 32;

const modelFolder = "onnx";

/** The package's name for a precision, by the file that has it; the most precise first. */
const precisions: readonly (readonly [file: string, dtype: string])[] = [
  ["model.onnx", "fp32"],
  ["model_fp16.onnx", "fp16"],
  ["model_quantized.onnx", "q8"],
  ["model_int8.onnx", "int8"],
  ["model_uint8.onnx", "uint8"],
  ["model_q4.onnx", "q4"],
  ["model_q4f16.onnx", "q4f16"],
  ["model_bnb4.onnx", "bnb4"],
];

const width = z.number().int().positive().optional();
/** Families of models name the length of their vectors differently. */
const configSchema = z.object({ hidden_size: width, d_model: width, dim: width, n_embd: width });

/** Which pooling a sentence-transformers model was trained with. */
const poolingFile = "1_Pooling/config.json";
const poolingSchema = z.object({
  pooling_mode_mean_tokens: z.boolean().default(false),
  pooling_mode_cls_token: z.boolean().default(false),
  pooling_mode_lasttoken: z.boolean().default(false),
});

/** Prompt prefix of a sentence-transformers model. */
const promptsFile = "config_sentence_transformers.json";
const promptsSchema = z.object({
  prompts: z.object({ query: z.string().default(""), document: z.string().default("") }).prefault({}),
});

/** Texts that contain only white space, control and format characters have no token to embed. */
const blank = /^[\s\p{C}]*$/u;

/**
 * Dense vectors from an ONNX model in a local directory, by the optional package
 * `@huggingface/transformers`. Remote models are turned off in that package for the whole process. A text without
 * visible characters gets the zero vector, which has cosine 0 with everything.
 */
export class LocalEmbedder implements Embedder {
  readonly model: string;
  readonly dimension: number;
  readonly #directory: ModelDirectory;
  readonly #dtype: string;
  readonly #pooling: Pooling;
  readonly #normalize: boolean;
  readonly #batchSize: number;
  readonly #prompts: Readonly<Record<EmbeddingPurpose, string>>;
  readonly #loadTransformers: () => Promise<TransformersModule>;
  #loading: Promise<FeatureExtractor> | undefined;

  /**
   * Reads what the model is; package and model are loaded when the first text comes.
   * @throws {NotFoundError} if the directory does not exist
   * @throws {DataError} when it holds no ONNX model
   * @throws {IndexMismatchError} if the model makes vectors of another dimension
   */
  constructor(options: LocalEmbedderOptions) {
    const directory = new ModelDirectory(options.path);
    this.#directory = directory;
    this.#dtype = dtypeOf(directory);
    this.model = directory.name;
    this.dimension = dimensionOf(directory);
    requireDimension(this.model, this.dimension, options.dimension);
    this.#pooling = options.pooling ?? poolingOf(directory);
    this.#normalize = options.normalize ?? true;
    // The last place of a row is padding in all texts but the longest of a batch.
    this.#batchSize = this.#pooling === "last_token" ? 1 : (options.batchSize ?? defaultBatchSize);
    this.#prompts = directory.has(promptsFile)
      ? directory.readJson(promptsFile, promptsSchema).prompts
      : { query: "", document: "" };
    this.#loadTransformers = options.loadTransformers ?? (() => importOptional(packageName));
  }

  async embed(
    texts: readonly string[],
    purpose: EmbeddingPurpose = "document",
    signal?: AbortSignal | undefined,
  ): Promise<Float32Array[]> {
    const vectors: Float32Array[] = texts.map(() => new Float32Array(this.dimension));
    const places = texts.flatMap((text, place) => (blank.test(text) ? [] : [place]));
    for (const batch of batchesOf(places, this.#batchSize)) {
      if (signal?.aborted) throw new CancelledError();
      const rows = await this.#embedBatch(batch.map((place) => this.#prompts[purpose] + texts[place]));
      for (const [row, place] of batch.entries()) vectors[place] = rows[row] as Float32Array;
    }
    return vectors;
  }

  async #embedBatch(texts: string[]): Promise<Float32Array[]> {
    this.#loading ??= this.#load().catch((error) => {
      this.#loading = undefined;
      throw error;
    });
    const extract = await this.#loading;
    const { dims, data } = await this.#run(extract, texts);
    if (dims.length !== 2 || dims[0] !== texts.length) {
      throw this.#fault(
        `gave a tensor of ${dims.join(" × ")} for ${texts.length} texts`,
        "Choose a pooling: with none, the model has to give one vector a text itself.",
      );
    }
    requireDimension(this.model, dims[1] as number, this.dimension);
    const numbers = Float32Array.from(data);
    if (!numbers.every(Number.isFinite)) {
      throw this.#fault("gave vectors that are not finite", "Take a more precise file of the model.");
    }
    return texts.map((_, row) => numbers.slice(row * this.dimension, (row + 1) * this.dimension));
  }

  async #run(extract: FeatureExtractor, texts: string[]): ReturnType<FeatureExtractor> {
    try {
      return await extract(texts, { pooling: this.#pooling, normalize: this.#normalize });
    } catch (cause) {
      throw this.#fault(`failed: ${(cause as Error).message}`, "Check that it is an embedding model.", cause);
    }
  }

  async #load(): Promise<FeatureExtractor> {
    const transformers = await this.#loadPackage();
    transformers.env.allowRemoteModels = false;
    const { path } = this.#directory;
    try {
      return await transformers.pipeline("feature-extraction", path, {
        dtype: this.#dtype,
        local_files_only: true,
      });
    } catch (cause) {
      throw new DataError(path, `${path} cannot be loaded as an ONNX model: ${(cause as Error).message}`, {
        cause,
        hint: "Download the model again, with config.json, tokenizer.json, tokenizer_config.json and the folder onnx.",
      });
    }
  }

  async #loadPackage(): Promise<TransformersModule> {
    try {
      return await this.#loadTransformers();
    } catch (cause) {
      if (cause instanceof RagfoodError) throw cause;
      const { code, message } = cause as Error & { code?: string };
      const problem = code === "ERR_MODULE_NOT_FOUND" ? "is not installed" : `does not load: ${message}`;
      throw new NotFoundError("local model", `${this.model} needs ${packageName}, which ${problem}.`, {
        cause,
        hint: `Run: ${installCommand}`,
      });
    }
  }

  #fault(problem: string, hint: string, cause?: unknown): ServiceFaultError {
    return new ServiceFaultError("local model", `The model ${this.model} ${problem}.`, { cause, hint });
  }
}

function dtypeOf(directory: ModelDirectory): string {
  const precision = precisions.find(([file]) => directory.has(`${modelFolder}/${file}`));
  if (precision) return precision[1];
  throw new DataError(
    directory.path,
    `${directory.path} holds no model: its folder ${modelFolder} has neither ${precisions[0]?.[0]} nor a quantized model.`,
    { hint: "Take a model that Hugging Face lists under transformers.js, with its folder onnx." },
  );
}

function dimensionOf(directory: ModelDirectory): number {
  const { hidden_size, d_model, dim, n_embd } = directory.readJson("config.json", configSchema);
  const dimension = hidden_size ?? d_model ?? dim ?? n_embd;
  if (dimension !== undefined) return dimension;
  const file = directory.file("config.json");
  throw new DataError(file, `${file} does not say how long the model's vectors are.`, {
    hint: 'Add "hidden_size" to it.',
  });
}

function poolingOf(directory: ModelDirectory): Pooling {
  if (!directory.has(poolingFile)) return "mean";
  const modes = directory.readJson(poolingFile, poolingSchema);
  if (modes.pooling_mode_mean_tokens) return "mean";
  if (modes.pooling_mode_cls_token) return "cls";
  if (modes.pooling_mode_lasttoken) return "last_token";
  const file = directory.file(poolingFile);
  throw new DataError(file, `${file} names a pooling other than the mean, the first or the last token.`, {
    hint: "Take another model.",
  });
}
