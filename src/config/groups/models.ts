import { basename, resolve } from "node:path";
import { z } from "zod";
import { redactor } from "../../security/redactor.ts";
import { isLoopback } from "../../transport/safe-url.ts";
import { ollamaUrl } from "../ollama-host.ts";
import { type Group, optional, text, token, url, type Values, whole } from "../variables.ts";
import { type StoreVariables, storeOf } from "./store.ts";

export const defaultOllamaHost = "http://127.0.0.1:11434";

/** A model in a directory of this machine. */
export interface LocalModel {
  readonly path: string;
  /** Expected dimension of its vectors; `undefined` accepts any. */
  readonly dimension: number | undefined;
}

/** Who embeds and who answers. */
export interface ModelSettings {
  /** Who turns text into vectors. */
  readonly embedder: "index" | "ollama" | "openai" | "local";
  /** The model of the embedder `local`, and of no other. */
  readonly localModel: LocalModel | undefined;
  readonly embeddingModel: string | undefined;
  /** Put before a question for the embedder `ollama`. */
  readonly queryPrompt: string | undefined;
  readonly dimension: number;
  readonly generator: "auto" | "ollama" | "openai" | "extractive";
  readonly model: string;
  readonly ollamaHost: string;
  /** The server with OpenAI's API, for the generator and the embedder `openai`. */
  readonly openai: { readonly baseUrl: string; readonly apiKey: string | undefined };
  /** Milliseconds that Ollama may be silent. */
  readonly modelTimeoutMs: number;
}

const ollamaHost = text.transform((value, context) => {
  const address = ollamaUrl(value);
  if (address !== undefined) return address;
  context.addIssue({ code: "custom", message: "has to be an address like http://127.0.0.1:11434" });
  return z.NEVER;
});

const variables = {
  EMBEDDER: optional(
    z.enum(["index", "ollama", "openai", "local"], "has to be index, ollama, openai or local"),
  ),
  EMBEDDING_MODEL: optional(text),
  EMBEDDING_MODEL_PATH: optional(text),
  EMBEDDING_QUERY_PROMPT: optional(text),
  VECTOR_DIMENSION: optional(whole(1, 5_376)),
  GENERATOR: optional(
    z.enum(["auto", "ollama", "openai", "extractive"], "has to be auto, ollama, openai or extractive"),
  ),
  LLM_MODEL: optional(text),
  OLLAMA_HOST: optional(ollamaHost),
  OPENAI_BASE_URL: optional(url("http://127.0.0.1:8000/v1")),
  OPENAI_API_KEY: optional(token),
  LLM_TIMEOUT_MS: optional(whole(1, 3_600_000)),
};

type ModelValues = Values<typeof variables>;

/** What decides who embeds. */
export type ModelChoice = StoreVariables & { readonly EMBEDDER: ModelSettings["embedder"] | undefined };

/** Chroma itself does not embed. */
export function embedderOf(values: ModelChoice): ModelSettings["embedder"] {
  return values.EMBEDDER ?? (storeOf(values) === "chroma" ? "ollama" : "index");
}

export const modelGroup: Group<ModelSettings> = {
  variables,
  read: (values: ModelValues & StoreVariables) => ({
    embedder: embedderOf(values),
    localModel:
      values.EMBEDDER === "local" && values.EMBEDDING_MODEL_PATH !== undefined
        ? { path: values.EMBEDDING_MODEL_PATH, dimension: values.VECTOR_DIMENSION }
        : undefined,
    embeddingModel: values.EMBEDDING_MODEL,
    queryPrompt: values.EMBEDDING_QUERY_PROMPT,
    dimension: values.VECTOR_DIMENSION ?? 1_024,
    generator: values.GENERATOR ?? "auto",
    model: values.LLM_MODEL ?? "llama3.2",
    ollamaHost: values.OLLAMA_HOST ?? defaultOllamaHost,
    openai: {
      baseUrl: (values.OPENAI_BASE_URL ?? "https://api.openai.com/v1").replace(/\/+$/, ""),
      apiKey: values.OPENAI_API_KEY,
    },
    modelTimeoutMs: values.LLM_TIMEOUT_MS ?? 60_000,
  }),
  faults: (values: ModelValues & StoreVariables) => [
    ...chromaFaults(values),
    ...localModelFaults(values),
    ...openAiFaults(values),
  ],
};

function chromaFaults({ STORE: store, EMBEDDER: embedder }: ModelChoice): string[] {
  if (store !== "chroma" || embedder !== "index") return [];
  return ['EMBEDDER has to be ollama or local: STORE=chroma does not embed (it is "index")'];
}

/** The name of a local model is that of its directory. */
function localModelFaults({
  EMBEDDER: embedder,
  EMBEDDING_MODEL: model,
  EMBEDDING_MODEL_PATH: path,
}: ModelValues): string[] {
  if (embedder === undefined && path !== undefined) {
    return ["EMBEDDING_MODEL_PATH needs EMBEDDER=local; EMBEDDER=index embeds without that model"];
  }
  if (embedder !== "local") return [];
  if (path === undefined) {
    return ["EMBEDDING_MODEL_PATH is missing: EMBEDDER=local needs the directory of a model"];
  }
  const name = basename(resolve(path));
  if (model === undefined || model === name) return [];
  return [
    `EMBEDDING_MODEL has to be ${name}, the directory that EMBEDDING_MODEL_PATH names, or not set (it is ${redactor.text(JSON.stringify(model))})`,
  ];
}

/** A model of OpenAI's API has no default, and a key is not sent unencrypted to another machine (SEC-3). */
function openAiFaults(values: ModelValues): string[] {
  const faults: string[] = [];
  const { GENERATOR: generator, EMBEDDER: embedder, OPENAI_BASE_URL: address, OPENAI_API_KEY: key } = values;
  if (generator === "openai" && values.LLM_MODEL === undefined)
    faults.push("LLM_MODEL is missing: GENERATOR=openai needs the name of a model");
  if (embedder === "openai" && values.EMBEDDING_MODEL === undefined)
    faults.push("EMBEDDING_MODEL is missing: EMBEDDER=openai needs the name of a model");
  if (generator !== "openai" && embedder !== "openai") return faults;
  if (address === undefined && key === undefined)
    faults.push(
      "OPENAI_BASE_URL or OPENAI_API_KEY is missing: set the URL of your server, or the key for OpenAI",
    );
  if (
    address !== undefined &&
    key !== undefined &&
    address.startsWith("http:") &&
    !isLoopback(new URL(address))
  )
    faults.push("OPENAI_BASE_URL would carry OPENAI_API_KEY unencrypted: use https, or this machine itself");
  return faults;
}
