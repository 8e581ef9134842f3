import { basename, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { SettingsError } from "../errors.ts";
import type { Environment } from "./environment.ts";

/** A model in a directory of this machine. */
export interface LocalModel {
  readonly path: string;
  /** What its vectors have to have; `undefined`: whatever the model makes. */
  readonly dimension: number | undefined;
}

/** The former system. */
export interface ChromaSettings {
  readonly url: string;
  readonly collection: string;
  readonly tenant: string | undefined;
  readonly database: string | undefined;
  readonly token: string | undefined;
}

/** What the application is set to; every value checked. */
export interface Settings {
  /** Where questions go and data is ingested. */
  readonly store: "upstash" | "embedded" | "chroma";
  /** The cloud index, where its credentials are set. */
  readonly upstash:
    | { readonly url: string; readonly token: string; readonly readOnlyToken: string | undefined }
    | undefined;
  /** Where a project keeps its state: the embedded index and what belongs to it. */
  readonly directory: string;
  readonly dataFile: string;
  readonly namespace: string;
  /** Matches a question gets, 1 to 1,000. */
  readonly topK: number;
  /** Matches that score less are not relevant. */
  readonly minimumScore: number | undefined;
  /** What is embedded of a record; `{field}` stands for its value. */
  readonly template: string | undefined;
  /** Who turns text into vectors. */
  readonly embedder: "index" | "ollama" | "local";
  /** The model of the embedder `local`, and of no other. */
  readonly localModel: LocalModel | undefined;
  readonly embeddingModel: string | undefined;
  /** Put before a question for the embedder `ollama`. */
  readonly queryPrompt: string | undefined;
  readonly dimension: number;
  readonly generator: "auto" | "ollama" | "extractive";
  readonly model: string;
  readonly ollamaHost: string;
  /** Milliseconds that Ollama may be silent. */
  readonly modelTimeoutMs: number;
  /** Milliseconds for one request to the index. */
  readonly requestTimeoutMs: number;
  readonly chroma: ChromaSettings;
}

/** The data file that comes with the package. */
const shippedFoods = fileURLToPath(new URL("../../data/foods.json", import.meta.url));

const text = z.string().trim();

/** A variable that is set to nothing counts as not set. */
function optional<S extends z.ZodType>(schema: S) {
  return z.preprocess(
    (value) => (typeof value === "string" && value.trim() === "" ? undefined : value),
    schema.optional(),
  );
}

function whole(minimum: number, maximum: number): z.ZodType<number> {
  const problem = `has to be a whole number from ${minimum} to ${maximum}`;
  return z.coerce
    .number(problem)
    .refine((value) => Number.isInteger(value) && value >= minimum && value <= maximum, problem);
}

function url(example: string): z.ZodType<string> {
  return text.refine(isPlainUrl, `has to be a URL like ${example}`);
}

/** A user name or a password in a URL would show in messages. */
function isPlainUrl(value: string): boolean {
  return URL.canParse(value) && /^https?:/i.test(value) && !value.includes("@");
}

/** `Bearer x` is what the console's curl examples show; the token is `x`. */
const token = text
  .transform((value) => value.replace(/^Bearer\s+/i, ""))
  .refine((value) => /^[\x21-\x7e]+$/.test(value), "has to be a token of plain characters, without blanks");

/** Ollama's own variable may leave out the scheme. */
const ollamaHost = text
  .transform((value) => (/^https?:\/\//i.test(value) ? value : `http://${value}`))
  .refine((value) => URL.canParse(value), "has to be an address like http://127.0.0.1:11434");

const variables = z.object({
  STORE: optional(z.enum(["upstash", "embedded", "chroma"], "has to be upstash, embedded or chroma")),
  UPSTASH_VECTOR_REST_URL: optional(url("https://example-eu1-vector.upstash.io")),
  UPSTASH_VECTOR_REST_TOKEN: optional(token),
  UPSTASH_VECTOR_REST_READONLY_TOKEN: optional(token),
  RAGFOOD_DIR: optional(text),
  JSON_FILE: optional(text),
  NAMESPACE: optional(text),
  MAX_RESULTS: optional(whole(1, 1_000)),
  MIN_SCORE: optional(z.coerce.number("has to be a number")),
  EMBEDDING_TEMPLATE: optional(text.refine((value) => value.includes("{text}"), "has to contain {text}")),
  EMBEDDER: optional(z.enum(["index", "ollama", "local"], "has to be index, ollama or local")),
  EMBEDDING_MODEL: optional(text),
  EMBEDDING_MODEL_PATH: optional(text),
  EMBEDDING_QUERY_PROMPT: optional(text),
  VECTOR_DIMENSION: optional(whole(1, 5_376)),
  GENERATOR: optional(z.enum(["auto", "ollama", "extractive"], "has to be auto, ollama or extractive")),
  LLM_MODEL: optional(text),
  OLLAMA_HOST: optional(ollamaHost),
  LLM_TIMEOUT_MS: optional(whole(1, 3_600_000)),
  REQUEST_TIMEOUT_MS: optional(whole(1, 600_000)),
  CHROMA_URL: optional(url("http://127.0.0.1:8000")),
  CHROMA_COLLECTION: optional(
    text.regex(
      /^[a-zA-Z0-9][a-zA-Z0-9._-]{1,510}[a-zA-Z0-9]$/,
      "has to be 3 to 512 letters, digits, dots, dashes or underscores",
    ),
  ),
  CHROMA_TENANT: optional(text),
  CHROMA_DATABASE: optional(text),
  CHROMA_TOKEN: optional(token),
});

/** The names of all settings, as `.env.example` lists them. */
export const settingNames: readonly string[] = Object.keys(variables.shape);

/**
 * @param environment as `readEnvironment` gives it
 * @throws {SettingsError} with every fault at once
 */
export function readSettings(environment: Environment): Settings {
  const parsed = variables.safeParse(environment);
  const faults = parsed.success
    ? combinationFaults(parsed.data)
    : parsed.error.issues.map((issue) => describe(String(issue.path[0]), issue.message, environment));
  if (faults.length > 0 || !parsed.success) throw new SettingsError(faults);
  const values = parsed.data;
  const store = storeOf(values);
  return {
    store,
    upstash:
      values.UPSTASH_VECTOR_REST_URL && values.UPSTASH_VECTOR_REST_TOKEN
        ? {
            url: values.UPSTASH_VECTOR_REST_URL,
            token: values.UPSTASH_VECTOR_REST_TOKEN,
            readOnlyToken: values.UPSTASH_VECTOR_REST_READONLY_TOKEN,
          }
        : undefined,
    directory: values.RAGFOOD_DIR ?? ".ragfood",
    dataFile: values.JSON_FILE ?? shippedFoods,
    namespace: values.NAMESPACE ?? "",
    topK: values.MAX_RESULTS ?? 3,
    minimumScore: values.MIN_SCORE,
    template: values.EMBEDDING_TEMPLATE,
    embedder: values.EMBEDDER ?? (store === "chroma" ? "ollama" : "index"),
    localModel:
      values.EMBEDDER === "local" && values.EMBEDDING_MODEL_PATH !== undefined
        ? { path: values.EMBEDDING_MODEL_PATH, dimension: values.VECTOR_DIMENSION }
        : undefined,
    embeddingModel: values.EMBEDDING_MODEL,
    queryPrompt: values.EMBEDDING_QUERY_PROMPT,
    dimension: values.VECTOR_DIMENSION ?? 1_024,
    generator: values.GENERATOR ?? "auto",
    model: values.LLM_MODEL ?? "llama3.2",
    ollamaHost: values.OLLAMA_HOST ?? "http://127.0.0.1:11434",
    modelTimeoutMs: values.LLM_TIMEOUT_MS ?? 60_000,
    requestTimeoutMs: values.REQUEST_TIMEOUT_MS ?? 10_000,
    chroma: {
      url: values.CHROMA_URL ?? "http://127.0.0.1:8000",
      collection: values.CHROMA_COLLECTION ?? "foods",
      tenant: values.CHROMA_TENANT,
      database: values.CHROMA_DATABASE,
      token: values.CHROMA_TOKEN,
    },
  };
}

type Values = z.infer<typeof variables>;

function combinationFaults(values: Values): string[] {
  return [...credentialFaults(values), ...storeFaults(values), ...localModelFaults(values)];
}

/** Without a choice, the cloud where its credentials are set. */
function storeOf(values: Values): Settings["store"] {
  return values.STORE ?? (values.UPSTASH_VECTOR_REST_URL === undefined ? "embedded" : "upstash");
}

function storeFaults({
  STORE: store,
  UPSTASH_VECTOR_REST_URL: address,
  EMBEDDER: embedder,
}: Values): string[] {
  if (store === "upstash" && address === undefined) {
    return ["UPSTASH_VECTOR_REST_URL is missing: STORE=upstash needs it"];
  }
  if (store === "chroma" && embedder === "index") {
    return ['EMBEDDER has to be ollama or local: STORE=chroma does not embed (it is "index")'];
  }
  return [];
}

function credentialFaults(values: Values): string[] {
  const { UPSTASH_VECTOR_REST_URL: address, UPSTASH_VECTOR_REST_TOKEN: fullToken } = values;
  if (address !== undefined && fullToken === undefined) {
    return ["UPSTASH_VECTOR_REST_TOKEN is missing: UPSTASH_VECTOR_REST_URL is set and needs it"];
  }
  if (
    address === undefined &&
    (fullToken !== undefined || values.UPSTASH_VECTOR_REST_READONLY_TOKEN !== undefined)
  ) {
    return ["UPSTASH_VECTOR_REST_URL is missing: a token is set and needs it"];
  }
  return [];
}

/** The name of a local model is that of its directory. */
function localModelFaults({
  EMBEDDER: embedder,
  EMBEDDING_MODEL: model,
  EMBEDDING_MODEL_PATH: path,
}: Values): string[] {
  if (embedder !== "local") return [];
  if (path === undefined) {
    return ["EMBEDDING_MODEL_PATH is missing: EMBEDDER=local needs the directory of a model"];
  }
  const name = basename(resolve(path));
  if (model === undefined || model === name) return [];
  return [
    `EMBEDDING_MODEL has to be ${name}, the directory that EMBEDDING_MODEL_PATH names, or not set (it is ${JSON.stringify(model)})`,
  ];
}

/** A fault with the value that it is about, unless that is a secret. */
function describe(name: string, problem: string, environment: Environment): string {
  const value =
    name.includes("TOKEN") || environment[name]?.includes("@")
      ? ""
      : ` (it is ${JSON.stringify(environment[name])})`;
  return `${name} ${problem}${value}`;
}
