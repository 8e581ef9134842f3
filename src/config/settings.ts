import { fileURLToPath } from "node:url";
import { z } from "zod";
import { SettingsError } from "../foundation/errors.ts";
import { redacted, redactor } from "../security/redactor.ts";
import { isRandom, isSecretName } from "../security/shapes.ts";
import type { Environment } from "./environment.ts";
import { type BackupSettings, backupsOf, backupVariables } from "./groups/backups.ts";
import { type ChromaSettings, chromaOf, chromaVariables } from "./groups/chroma.ts";
import { type CostSettings, costFaults, costsOf, costVariables } from "./groups/costs.ts";
import { type CutoverSettings, cutoverFaults, cutoverOf, cutoverVariables } from "./groups/cutover.ts";
import {
  type EncryptionSettings,
  encryptionFaults,
  encryptionOf,
  encryptionVariables,
} from "./groups/encryption.ts";
import { type FallbackSettings, fallbackFaults, fallbackOf, fallbackVariables } from "./groups/fallback.ts";
import { type FeedbackSettings, feedbackOf, feedbackVariables } from "./groups/feedback.ts";
import { type ModelSettings, modelFaults, modelsOf, modelVariables } from "./groups/models.ts";
import {
  type ObservabilitySettings,
  observabilityOf,
  observabilityVariables,
} from "./groups/observability.ts";
import { type ReportSettings, reportsOf, reportVariables } from "./groups/reports.ts";
import { type RequestSettings, requestsOf, requestVariables, withProxies } from "./groups/requests.ts";
import { type ServeSettings, serveOf, serveVariables } from "./groups/serve.ts";
import { type StateSettings, stateOf, stateVariables } from "./groups/state.ts";
import { type CloudSettings, cloudOf, credentialFaults, storeOf, storeVariables } from "./groups/store.ts";
import { optional, text, whole } from "./variables.ts";

/** What the application is set to; every value checked. A group has a file of its own in `groups/`. */
export interface Settings
  extends ModelSettings,
    RequestSettings,
    ServeSettings,
    CostSettings,
    FeedbackSettings,
    ReportSettings,
    StateSettings,
    ObservabilitySettings,
    BackupSettings {
  /** Where questions go and data is ingested. */
  readonly store: "upstash" | "embedded" | "chroma";
  /** The cloud index, where its credentials are set. */
  readonly upstash: CloudSettings | undefined;
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
  /** `undefined`: no secondary store. */
  readonly fallback: FallbackSettings | undefined;
  /** Whether writes during an outage of the cloud index fail, or wait on disk. */
  readonly outageWrites: "refuse" | "queue";
  /** Bytes of writes that may wait. */
  readonly writeQueueBytes: number;
  /** `undefined`: nothing is encrypted. */
  readonly encryption: EncryptionSettings | undefined;
  readonly chroma: ChromaSettings;
  /** `undefined`: one store. */
  readonly cutover: CutoverSettings | undefined;
}

/** The data file that comes with the package. */
export const shippedFoods: string = fileURLToPath(new URL("../../data/foods.json", import.meta.url));

const variables = z.object({
  ...storeVariables,
  RAGFOOD_DIR: optional(text),
  JSON_FILE: optional(text),
  NAMESPACE: optional(text),
  MAX_RESULTS: optional(whole(1, 1_000)),
  MIN_SCORE: optional(z.coerce.number("has to be a number")),
  EMBEDDING_TEMPLATE: optional(text.refine((value) => value.includes("{text}"), "has to contain {text}")),
  RAGFOOD_DEBUG: optional(z.enum(["0", "1"], "has to be 0 or 1")),
  ...modelVariables,
  ...requestVariables,
  ...serveVariables,
  ...fallbackVariables,
  ...encryptionVariables,
  ...chromaVariables,
  ...cutoverVariables,
  ...stateVariables,
  ...backupVariables,
  ...costVariables,
  ...observabilityVariables,
  ...feedbackVariables,
  ...reportVariables,
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
  const models = modelsOf(values);
  return {
    ...models,
    ...requestsOf(values),
    ...serveOf(values),
    ...stateOf(values),
    ...backupsOf(values),
    ...costsOf(values),
    ...observabilityOf(values),
    ...feedbackOf(values),
    ...reportsOf(values),
    store: storeOf(values),
    upstash: cloudOf(values),
    directory: values.RAGFOOD_DIR ?? ".ragfood",
    dataFile: values.JSON_FILE ?? shippedFoods,
    namespace: values.NAMESPACE ?? "",
    topK: values.MAX_RESULTS ?? 3,
    minimumScore: values.MIN_SCORE,
    template: values.EMBEDDING_TEMPLATE,
    fallback: fallbackOf(values),
    outageWrites: values.OUTAGE_WRITES ?? "refuse",
    writeQueueBytes: (values.WRITE_QUEUE_MB ?? 256) * 1_024 * 1_024,
    encryption: encryptionOf(values),
    chroma: chromaOf(values),
    cutover: cutoverOf(values, models.embedder !== "index"),
  };
}

function combinationFaults(values: z.infer<typeof variables>): string[] {
  return [
    ...credentialFaults(values),
    ...modelFaults(values),
    ...fallbackFaults(values),
    ...cutoverFaults(values),
    ...encryptionFaults(values),
    ...costFaults(values),
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
