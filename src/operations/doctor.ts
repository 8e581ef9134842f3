import { accessSync, constants, existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { validateFile } from "../foods/validate.ts";
import { AuthenticationError, CancelledError, ForbiddenError } from "../foundation/errors.ts";
import type { Finding } from "../foundation/finding.ts";
import { counted } from "../foundation/plural.ts";
import { describeOllama, hasModel, type OllamaConnection } from "../ollama/client.ts";
import type { IndexExpectation } from "../store/check.ts";
import { chromaVersion } from "../store/chroma/version.ts";
import type { StoreInfo, VectorStore } from "../store/store.ts";
import { attempt, describeIndex, examined, failure, fitFindings } from "./finding.ts";
import {
  type EncryptionChecks,
  encryptionFindings,
  type QueueChecks,
  queueFindings,
  type SecondaryChecks,
  secondaryFindings,
} from "./policy-findings.ts";
import { type SettingsFileChecks, settingsFileFinding } from "./settings-finding.ts";

export interface DoctorOptions {
  /** Absent where settings come from the environment alone. */
  readonly settingsFile?: SettingsFileChecks;
  readonly dataFile: string;
  readonly openStore: () => VectorStore;
  /** Where the embedded index is going to be; absent where it is there, or the cloud serves. */
  readonly missingIndex?: string;
  /** Reads the file of the embedded index and compares it with its checksums; absent where there is none to read. */
  readonly verifyIndexFile?: () => { readonly faults: readonly { readonly problem: string }[] };
  /** The same index by the read-only token; absent where there is none. */
  readonly openReadOnlyStore?: () => VectorStore;
  readonly expectation: IndexExpectation;
  /** What stands in for the index; absent where the settings ask for nothing. */
  readonly secondary?: SecondaryChecks;
  /** Absent where writes do not wait. */
  readonly writeQueue?: QueueChecks;
  /** Absent where nothing is encrypted. */
  readonly encryption?: EncryptionChecks;
  /** Models that Ollama has to have, for answers or for vectors. */
  readonly ollama: OllamaConnection;
  readonly ollamaModels: readonly string[];
  /** Whether answers need Ollama, or are quoted from the sources without it. */
  readonly needsOllama: boolean;
  readonly chromaUrl: string;
  /** Whether Chroma is the store, or only what may be migrated from. */
  readonly needsChroma: boolean;
  /** Ends the examination. */
  readonly signal?: AbortSignal;
}

/** The lowest Node.js version that ragfood is tested on. */
const nodeMajor = 20;
const nodeMinor = 19;

/**
 * Looks at everything that a question, an ingest or a migration needs (MIG-1). Changes nothing.
 * @throws {CancelledError} when the signal fires
 */
export async function* examine(options: DoctorOptions): AsyncGenerator<Finding> {
  for await (const finding of look(options)) {
    // What a check that was broken off has found is nothing.
    if (options.signal?.aborted === true) throw new CancelledError();
    yield finding;
  }
}

async function* look(options: DoctorOptions): AsyncGenerator<Finding> {
  yield nodeFinding(process.versions.node);
  if (options.settingsFile) yield settingsFileFinding(options.settingsFile);
  yield await attempt("Data file", () => dataFileFinding(options.dataFile));
  const info = yield* indexFindings(options);
  if (options.verifyIndexFile) yield indexFileFinding(options.verifyIndexFile);
  if (options.openReadOnlyStore) yield await attempt("Read-only token", () => readOnlyFinding(options));
  if (options.secondary) yield* secondaryFindings(options.secondary, info);
  if (options.writeQueue) yield* queueFindings(options.writeQueue);
  if (options.encryption) yield* encryptionFindings(options.encryption, options.openStore);
  yield await ollamaFinding(options);
  yield await chromaFinding(options);
}

function nodeFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isSupported = major > nodeMajor || (major === nodeMajor && minor >= nodeMinor);
  const detail = `version ${version}`;
  return isSupported
    ? examined("Node.js", "fact", detail)
    : examined("Node.js", "problem", detail, `Install Node.js ${nodeMajor}.${nodeMinor} or later.`);
}

async function dataFileFinding(file: string): Promise<Finding> {
  const { count, repeatedTexts } = await validateFile(file);
  const repeats =
    repeatedTexts > 0
      ? `, ${repeatedTexts} ${repeatedTexts === 1 ? "repeats" : "repeat"} the text of another`
      : "";
  return examined("Data file", "fact", `${file}: ${counted(count, "record")}${repeats}`);
}

/** @returns what the index says of itself; `undefined` where it says nothing */
async function* indexFindings(options: DoctorOptions): AsyncGenerator<Finding, StoreInfo | undefined> {
  const { openStore, expectation, missingIndex, signal } = options;
  if (missingIndex !== undefined) {
    yield missingIndexFinding(missingIndex);
    return undefined;
  }
  let store: VectorStore | undefined;
  try {
    store = openStore();
    const info = await store.info(signal ? { signal } : {});
    yield examined("Index", "fact", `${store.name}: ${describeIndex(info)}`);
    yield* fitFindings("Index settings", info, expectation);
    return info;
  } catch (error) {
    yield failure("Index", error);
    return undefined;
  } finally {
    await store?.close();
  }
}

function missingIndexFinding(file: string): Finding {
  const subject = "Index";
  const detail = `none yet; the first question makes it at ${file}`;
  try {
    accessSync(nearestThere(dirname(resolve(file))), constants.W_OK | constants.X_OK);
    return examined(subject, "fact", detail);
  } catch (error) {
    return examined(
      subject,
      "problem",
      `none yet, and it cannot be made at ${file}: ${(error as Error).message}`,
      "Set RAGFOOD_DIR to a directory that this user may write.",
    );
  }
}

/** The directory, or the nearest one above it that is there. */
function nearestThere(directory: string): string {
  const parent = dirname(directory);
  return existsSync(directory) || parent === directory ? directory : nearestThere(parent);
}

function indexFileFinding(verify: NonNullable<DoctorOptions["verifyIndexFile"]>): Finding {
  const subject = "Index file";
  const hint = "Restore a backup, or keep what can be read with: ragfood index repair. Then check the disk.";
  try {
    const [first, ...others] = verify().faults;
    if (first === undefined) return examined(subject, "fact", "every record is as it was written");
    const more = others.length === 0 ? "" : `, and ${counted(others.length, "fault")} more`;
    return examined(subject, "problem", `damaged: ${first.problem}${more}`, hint);
  } catch (error) {
    return failure(subject, error, hint);
  }
}

/** The token reads, and a write is refused: one that would change nothing if it were not. */
async function readOnlyFinding({ openReadOnlyStore, signal }: DoctorOptions): Promise<Finding> {
  const subject = "Read-only token";
  const store = openReadOnlyStore?.();
  try {
    await store?.info(signal ? { signal } : {});
    await store?.delete({ ids: ["ragfood-doctor-no-such-record"] });
  } catch (error) {
    if (error instanceof ForbiddenError) return examined(subject, "fact", "reads, and cannot write");
    if (error instanceof AuthenticationError) {
      const hint = "Check UPSTASH_VECTOR_REST_READONLY_TOKEN; the Upstash console shows the token.";
      return examined(subject, "problem", error.message, hint);
    }
    throw error;
  } finally {
    await store?.close();
  }
  return examined(
    subject,
    "problem",
    "it can write",
    "Set UPSTASH_VECTOR_REST_READONLY_TOKEN to the read-only token of the index.",
  );
}

async function ollamaFinding({ ollama, ollamaModels, needsOllama, signal }: DoctorOptions): Promise<Finding> {
  const subject = "Ollama";
  const level = needsOllama ? "problem" : "warning";
  try {
    const { version, models } = await describeOllama(ollama, signal);
    const missing = ollamaModels.filter((model) => !hasModel(models, model));
    if (missing.length === 0) {
      return examined(
        subject,
        "fact",
        `version ${version} at ${ollama.host}, with ${ollamaModels.join(", ")}`,
      );
    }
    const hint = `Run: ${missing.map((model) => `ollama pull ${model}`).join(" && ")}`;
    return examined(
      subject,
      level,
      `version ${version} at ${ollama.host}, without ${missing.join(", ")}`,
      hint,
    );
  } catch (error) {
    const finding = failure(subject, error);
    return needsOllama
      ? finding
      : { ...finding, level, message: `${finding.message} Answers are quoted from the sources.` };
  }
}

async function chromaFinding({ chromaUrl: url, needsChroma, signal }: DoctorOptions): Promise<Finding> {
  const subject = "Chroma";
  try {
    return examined(subject, "fact", `version ${await chromaVersion({ url }, signal)} at ${url}`);
  } catch (error) {
    const { hint = "Check CHROMA_URL." } = error as { hint?: string };
    return needsChroma
      ? failure(subject, error, `Needed for STORE=chroma. ${hint}`)
      : {
          ...failure(subject, error, `Needed only to migrate from a Chroma server. ${hint}`),
          level: "warning",
        };
  }
}
