import { z } from "zod";
import { SettingsError } from "../foundation/errors.ts";
import { redacted, redactor } from "../security/redactor.ts";
import { isRandom, isSecretName } from "../security/shapes.ts";
import type { Environment } from "./environment.ts";
import { type BackupSettings, backupGroup } from "./groups/backups.ts";
import { type ChromaSettings, chromaGroup } from "./groups/chroma.ts";
import { type CostSettings, costGroup } from "./groups/costs.ts";
import { type CutoverSettings, cutoverGroup } from "./groups/cutover.ts";
import { type EncryptionSettings, encryptionGroup } from "./groups/encryption.ts";
import { type FallbackSettings, fallbackGroup } from "./groups/fallback.ts";
import { type FeedbackSettings, feedbackGroup } from "./groups/feedback.ts";
import { type ModelSettings, modelGroup } from "./groups/models.ts";
import { type ObservabilitySettings, observabilityGroup } from "./groups/observability.ts";
import { type ProjectSettings, projectGroup } from "./groups/project.ts";
import { type ReportSettings, reportGroup } from "./groups/reports.ts";
import { type RequestSettings, requestGroup, withProxies } from "./groups/requests.ts";
import { type ServeSettings, serveGroup } from "./groups/serve.ts";
import { type StateSettings, stateGroup } from "./groups/state.ts";
import { type StoreSettings, storeGroup } from "./groups/store.ts";
import type { Group } from "./variables.ts";

/** What the application is set to; every value checked. */
export interface Settings
  extends StoreSettings,
    ProjectSettings,
    ModelSettings,
    RequestSettings,
    ServeSettings,
    FallbackSettings,
    EncryptionSettings,
    ChromaSettings,
    CutoverSettings,
    StateSettings,
    BackupSettings,
    CostSettings,
    ObservabilitySettings,
    FeedbackSettings,
    ReportSettings {}

/** In the order in which faults are reported. */
const groups: readonly Group<Partial<Settings>>[] = [
  storeGroup,
  projectGroup,
  modelGroup,
  requestGroup,
  serveGroup,
  fallbackGroup,
  cutoverGroup,
  encryptionGroup,
  chromaGroup,
  stateGroup,
  backupGroup,
  costGroup,
  observabilityGroup,
  feedbackGroup,
  reportGroup,
];

const variables = z.object(Object.assign({}, ...groups.map((group) => group.variables)) as z.ZodRawShape);

/** The names of all settings, as `.env.example` lists them. */
export const settingNames: readonly string[] = Object.keys(variables.shape);

/**
 * @param environment as `readEnvironment` gives it
 * @throws {SettingsError} with every fault at once
 */
export function readSettings(environment: Environment): Settings {
  redactor.learnFrom(environment);
  const { data: values, error } = variables.safeParse(withProxies(environment));
  const faults = error
    ? error.issues.map((issue) => describe(String(issue.path[0]), issue.message, environment))
    : groups.flatMap((group) => group.faults?.(values) ?? []);
  if (faults.length > 0 || values === undefined) throw new SettingsError(faults);
  return Object.assign({}, ...groups.map((group) => group.read(values))) as Settings;
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
