import { basename, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { SettingsError } from "../foundation/errors.ts";
import { redacted, redactor } from "../security/redactor.ts";
import { isRandom, isSecretName } from "../security/shapes.ts";
import type { ProxySettings } from "../transport/proxy.ts";
import type { RateLimit } from "../transport/rate.ts";
import { isLoopback } from "../transport/safe-url.ts";
import type { Environment } from "./environment.ts";
import { ollamaUrl } from "./ollama-host.ts";
import { parseRateLimit } from "./rate-limit.ts";

/** A model in a directory of this machine. */
export interface LocalModel {
  readonly path: string;
  /** Expected dimension of its vectors; `undefined` accepts any. */
  readonly dimension: number | undefined;
}

/** The secondary store that answers if the primary fails, and its rules. */
interface FallbackSettings {
  readonly store: "embedded" | "chroma" | "upstash";
  /** The second cloud index; only for `upstash`. */
  readonly upstash: { readonly url: string; readonly token: string } | undefined;
  /** Milliseconds that the primary store has for a read. */
  readonly deadlineMs: number;
}

/** What is encrypted before it reaches a store. */
interface EncryptionSettings {
  /** 32 bytes each, base64; the first encrypts, all decrypt. */
  readonly keys: readonly string[];
  /** Metadata fields. */
  readonly fields: readonly string[];
  /** The metadata field that is embedded in place of the text; `undefined`: texts are not encrypted. */
  readonly summaryField: string | undefined;
}

/** The former system. */
interface ChromaSettings {
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
  /** The template of the embedded text; `{field}` is replaced with the field's value. */
  readonly template: string | undefined;
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
  /** Milliseconds for one attempt of a request to the cloud index. */
  readonly requestTimeoutMs: number;
  /** Milliseconds for a request, waiting and retries included; this and the next two default to the transport's. */
  readonly requestDeadlineMs: number | undefined;
  /** Retries. */
  readonly requestRetries: number | undefined;
  /** Maximum concurrent requests to the cloud index. */
  readonly requestConcurrency: number | undefined;
  /** The rate limit that this process applies. */
  readonly rateLimit: RateLimit | undefined;
  /** Proxies for requests to other machines; `undefined` for none. */
  readonly proxy: ProxySettings | undefined;
  readonly tracing: "none" | "opentelemetry";
  /** `undefined`: no secondary store. */
  readonly fallback: FallbackSettings | undefined;
  /** Whether writes during an outage of the cloud index fail, or wait on disk. */
  readonly outageWrites: "refuse" | "queue";
  /** Bytes of writes that may wait. */
  readonly writeQueueBytes: number;
  /** `undefined`: nothing is encrypted. */
  readonly encryption: EncryptionSettings | undefined;
  readonly chroma: ChromaSettings;
}

/** The data file that comes with the package. */
export const shippedFoods: string = fileURLToPath(new URL("../../data/foods.json", import.meta.url));

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
  return text
    .regex(/^\d+$/, problem)
    .transform(Number)
    .refine((value) => value >= minimum && value <= maximum, problem);
}

function url(example: string): z.ZodType<string> {
  return text
    .refine((value) => URL.canParse(value) && /^https?:/i.test(value), `has to be a URL like ${example}`)
    .refine(
      (value) => !/[@?#]/.test(value),
      `must hold no user name, query or fragment; it looks like ${example}`,
    );
}

/** `Bearer x` is what the console's curl examples show; the token is `x`. */
const token = text
  .transform((value) => value.replace(/^Bearer\s+/i, ""))
  .refine((value) => /^[\x21-\x7e]+$/.test(value), "has to be a token of plain characters, without blanks");

const ollamaHost = text.transform((value, context) => {
  const address = ollamaUrl(value);
  if (address !== undefined) return address;
  context.addIssue({ code: "custom", message: "has to be an address like http://127.0.0.1:11434" });
  return z.NEVER;
});

const proxy = text.refine(
  (value) => URL.canParse(value) && /^https?:/i.test(value),
  "has to be a URL like http://proxy.example:3128",
);

const rateLimit = text.transform((value, context) => {
  const limit = parseRateLimit(value);
  if (!("problem" in limit)) return limit;
  context.addIssue({ code: "custom", message: limit.problem });
  return z.NEVER;
});
const names = text
  .transform((value) => value.split(",").map((name) => name.trim()))
  .refine(
    (list) => list.every((name) => /^[^\s.[\]]+$/.test(name)),
    "has to be names of metadata fields with commas between, without blanks, dots or brackets",
  );

const keys = text
  .transform((value) => value.split(",").map((key) => key.trim()))
  .refine(
    (list) => list.every((key) => /^[A-Za-z0-9+/]{43}=$/.test(key)),
    "has to be keys of 32 bytes in base64 with commas between, as openssl rand -base64 32 makes them",
  )
  .refine((list) => new Set(list).size === list.length, "names a key twice");

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
  REQUEST_TIMEOUT_MS: optional(whole(1, 600_000)),
  REQUEST_DEADLINE_MS: optional(whole(1, 86_400_000)),
  REQUEST_RETRIES: optional(whole(0, 100)),
  REQUEST_CONCURRENCY: optional(whole(1, 1_000)),
  RATE_LIMIT: optional(rateLimit),
  HTTP_PROXY: optional(proxy),
  HTTPS_PROXY: optional(proxy),
  NO_PROXY: optional(text),
  TRACING: optional(z.enum(["none", "opentelemetry"], "has to be none or opentelemetry")),
  CHROMA_URL: optional(url("http://127.0.0.1:8000")),
  RAGFOOD_DEBUG: optional(z.enum(["0", "1"], "has to be 0 or 1")),
  FALLBACK: optional(
    z.enum(["none", "embedded", "chroma", "upstash"], "has to be none, embedded, chroma or upstash"),
  ),
  FALLBACK_AFTER_MS: optional(whole(1, 600_000)),
  FALLBACK_VECTOR_REST_URL: optional(url("https://example-us1-vector.upstash.io")),
  FALLBACK_VECTOR_REST_TOKEN: optional(token),
  OUTAGE_WRITES: optional(z.enum(["refuse", "queue"], "has to be refuse or queue")),
  WRITE_QUEUE_MB: optional(whole(1, 100_000)),
  ENCRYPTION_KEYS: optional(keys),
  ENCRYPTED_FIELDS: optional(names),
  ENCRYPTED_TEXT_SUMMARY: optional(names.refine((list) => list.length === 1, "has to be one metadata field")),
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
  redactor.learnFrom(environment);
  const parsed = variables.safeParse(withProxies(environment));
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
    openai: {
      baseUrl: (values.OPENAI_BASE_URL ?? "https://api.openai.com/v1").replace(/\/+$/, ""),
      apiKey: values.OPENAI_API_KEY,
    },
    modelTimeoutMs: values.LLM_TIMEOUT_MS ?? 60_000,
    requestTimeoutMs: values.REQUEST_TIMEOUT_MS ?? 10_000,
    requestDeadlineMs: values.REQUEST_DEADLINE_MS,
    requestRetries: values.REQUEST_RETRIES,
    requestConcurrency: values.REQUEST_CONCURRENCY,
    rateLimit: values.RATE_LIMIT,
    proxy: proxyOf(values),
    tracing: values.TRACING ?? "none",
    fallback: fallbackOf(values),
    outageWrites: values.OUTAGE_WRITES ?? "refuse",
    writeQueueBytes: (values.WRITE_QUEUE_MB ?? 256) * 1_024 * 1_024,
    encryption: values.ENCRYPTION_KEYS && {
      keys: values.ENCRYPTION_KEYS,
      fields: values.ENCRYPTED_FIELDS ?? [],
      summaryField: values.ENCRYPTED_TEXT_SUMMARY?.[0],
    },
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
  return [
    ...credentialFaults(values),
    ...storeFaults(values),
    ...localModelFaults(values),
    ...openAiFaults(values),
    ...fallbackFaults(values),
    ...encryptionFaults(values),
  ];
}

/** A model of OpenAI's API has no default, and a key is not sent unencrypted to another machine (SEC-3). */
function openAiFaults(values: Values): string[] {
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

function proxyOf({ HTTP_PROXY: httpProxy, HTTPS_PROXY: httpsProxy, NO_PROXY: noProxy }: Values) {
  return httpProxy === undefined && httpsProxy === undefined ? undefined : { httpProxy, httpsProxy, noProxy };
}

/** Programs read these variables in lower case too, and then prefer them, as curl does. */
function withProxies(environment: Environment): Environment {
  const lower = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"].flatMap((name) => {
    const value = environment[name.toLowerCase()];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...environment, ...Object.fromEntries(lower) };
}

function fallbackOf(values: Values): FallbackSettings | undefined {
  const { FALLBACK: store, FALLBACK_VECTOR_REST_URL: address, FALLBACK_VECTOR_REST_TOKEN: secret } = values;
  if (store === undefined || store === "none") return undefined;
  return {
    store,
    upstash:
      store === "upstash" && address !== undefined && secret !== undefined
        ? { url: address, token: secret }
        : undefined,
    deadlineMs: values.FALLBACK_AFTER_MS ?? 2_000,
  };
}

/** Both serve the cloud index: the embedded one is in this process, and Chroma is what one comes from. */
function fallbackFaults(values: Values): string[] {
  const faults: string[] = [];
  const hasCloud = storeOf(values) === "upstash";
  if (fallbackOf(values) && !hasCloud)
    faults.push(
      "FALLBACK needs the cloud index as the primary store: UPSTASH_VECTOR_REST_URL, and no other STORE",
    );
  if (values.OUTAGE_WRITES === "queue" && !hasCloud)
    faults.push(
      "OUTAGE_WRITES=queue needs the cloud index as the primary store: UPSTASH_VECTOR_REST_URL, and no other STORE",
    );
  if (values.FALLBACK !== "upstash") return faults;
  if (values.FALLBACK_VECTOR_REST_URL === undefined || values.FALLBACK_VECTOR_REST_TOKEN === undefined) {
    faults.push("FALLBACK=upstash needs FALLBACK_VECTOR_REST_URL and FALLBACK_VECTOR_REST_TOKEN");
  } else if (values.FALLBACK_VECTOR_REST_URL === values.UPSTASH_VECTOR_REST_URL) {
    faults.push("FALLBACK_VECTOR_REST_URL has to be another index than UPSTASH_VECTOR_REST_URL");
  }
  return faults;
}

function encryptionFaults(values: Values): string[] {
  const { ENCRYPTION_KEYS: given, ENCRYPTED_FIELDS: fields = [], ENCRYPTED_TEXT_SUMMARY: summary } = values;
  const isAsked = fields.length > 0 || summary !== undefined;
  if (isAsked && given === undefined)
    return ["ENCRYPTION_KEYS is missing: ENCRYPTED_FIELDS or ENCRYPTED_TEXT_SUMMARY needs it"];
  if (!isAsked && given !== undefined)
    return [
      "ENCRYPTED_FIELDS and ENCRYPTED_TEXT_SUMMARY are missing: ENCRYPTION_KEYS is set, and nothing to encrypt is named",
    ];
  if (summary !== undefined && fields.includes(summary[0] as string))
    return ["ENCRYPTED_FIELDS must not name the field of ENCRYPTED_TEXT_SUMMARY, which has to be searchable"];
  return [];
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
    `EMBEDDING_MODEL has to be ${name}, the directory that EMBEDDING_MODEL_PATH names, or not set (it is ${redactor.text(JSON.stringify(model))})`,
  ];
}

/** Characters of which a token has more, and a mistyped value rarely. */
const longestPlainValue = 16;

/** A fault with its value, unless the value is a secret or may be a misplaced one. */
function describe(name: string, problem: string, environment: Environment): string {
  const value = environment[name] ?? "";
  const text = redactor.text(JSON.stringify(value));
  const isSecret =
    isSecretName(name) ||
    value.includes("@") ||
    text.includes(redacted) ||
    (value.length > longestPlainValue && isRandom(value));
  return `${name} ${problem}${isSecret ? "" : ` (it is ${text})`}`;
}
