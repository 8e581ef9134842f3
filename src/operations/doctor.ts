import { statSync } from "node:fs";
import { type FileReport, validateFile } from "../foods/validate.ts";
import { CancelledError } from "../foundation/errors.ts";
import type { Finding } from "../foundation/finding.ts";
import { counted } from "../foundation/plural.ts";
import type { IndexExpectation } from "../store/check.ts";
import { EncryptedStore } from "../store/policies/index.ts";
import type { StoreInfo, VectorStore } from "../store/store.ts";
import { type ContentChecks, contentFinding } from "./content-finding.ts";
import { attempt, describeIndex, examined, failure, fitFindings } from "./finding.ts";
import {
  diskFinding,
  type IndexFileVerification,
  indexFileFinding,
  missingIndexFinding,
  nodeFinding,
  temporaryFilesFinding,
} from "./machine-findings.ts";
import {
  type EncryptionChecks,
  encryptionFindings,
  type QueueChecks,
  queueFindings,
  type SecondaryChecks,
  secondaryFindings,
} from "./policy-findings.ts";
import { type PrivacyChecks, privacyFindings } from "./rights-findings.ts";
import { type ChromaChecks, chromaFinding, type OllamaChecks, ollamaFinding } from "./service-findings.ts";
import { type SettingsFileChecks, settingsFileFinding } from "./settings-finding.ts";
import { readOnlyTokenFinding, writeTokenFinding } from "./token-findings.ts";

interface CutoverChecks {
  /** The stage and who answers; `undefined` before its first use. */
  readonly sentence: () => Promise<string | undefined>;
  readonly openTarget: () => VectorStore;
}

export interface DoctorOptions {
  /** Missing if all settings come from the environment. */
  readonly settingsFile?: SettingsFileChecks;
  /** Where the project keeps its state. */
  readonly directory: string;
  /** Whether a service can store what it keeps. */
  readonly examineState: () => Promise<Finding>;
  readonly privacy: PrivacyChecks;
  /** The data file, and whether the index holds it. Missing if nothing is filled from it, as in a migration. */
  readonly content?: ContentChecks;
  readonly openStore: () => VectorStore;
  /** Whether writes to the index need a token. */
  readonly hasToken: boolean;
  /** Where the embedded index will be; missing if it exists, or the cloud serves. */
  readonly missingIndex?: string;
  /** Reads the file of the embedded index and compares it with its checksums; missing if there is no file to read. */
  readonly verifyIndexFile?: IndexFileVerification;
  /** The same index by the read-only token; missing without such a token. */
  readonly openReadOnlyStore?: () => VectorStore;
  readonly expectation: IndexExpectation;
  /** The secondary store; missing if the settings name none. */
  readonly secondary?: SecondaryChecks;
  /** Missing without a cutover. */
  readonly cutover?: CutoverChecks;
  /** Missing if writes do not wait. */
  readonly writeQueue?: QueueChecks;
  /** Missing if nothing is encrypted. */
  readonly encryption?: EncryptionChecks;
  readonly ollama: OllamaChecks;
  readonly chroma: ChromaChecks;
  /** Ends the examination. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Bytes of an index for each byte of its data file: texts, metadata with a copy of the text, terms, and the log
 * (measured: 1.8 MB for the 1.0 MB of the shipped foods, and a log of the same size).
 */
const indexBytesPerFileByte = 4;

/**
 * Examines everything that a question, an ingest or a migration needs (MIG-1). Changes nothing.
 * @throws {CancelledError} when the signal fires
 */
export async function* examine(options: DoctorOptions): AsyncGenerator<Finding> {
  for await (const finding of findings(options)) {
    // A check that was cancelled has found nothing.
    if (options.signal?.aborted === true) throw new CancelledError();
    yield finding;
  }
}

async function* findings(options: DoctorOptions): AsyncGenerator<Finding> {
  const { content, openReadOnlyStore, verifyIndexFile } = options;
  yield nodeFinding(process.versions.node);
  if (options.settingsFile) yield settingsFileFinding(options.settingsFile);
  const report = content && (yield* dataFileFindings(content));
  yield await attempt("Disk", async () => diskFinding(options.directory, spaceFor(options)));
  yield temporaryFilesFinding();
  yield await options.examineState();
  yield* privacyFindings(options.privacy);
  const info = yield* indexFindings(options, report);
  if (verifyIndexFile) yield indexFileFinding("Index file", verifyIndexFile);
  if (openReadOnlyStore) {
    yield await attempt("Read-only token", () =>
      withStore(openReadOnlyStore, (store) => readOnlyTokenFinding(store, options)),
    );
  }
  const { cutover } = options;
  if (cutover) {
    yield await attempt("Cutover", async () =>
      examined("Cutover", "fact", (await cutover.sentence()) ?? "not started: ragfood cutover start"),
    );
    // `ragfood cutover start` compares the shapes of both stores.
    yield await attempt("Cutover target", () =>
      withStore(cutover.openTarget, async (store) => {
        const { recordCount } = await store.info();
        return examined("Cutover target", "fact", `${store.name}: ${counted(recordCount, "record")}`);
      }),
    );
  }
  if (options.secondary) {
    const { openStore, signal } = options;
    const read = () => withStore(openStore, (store) => store.info({ signal }));
    yield* secondaryFindings(options.secondary, info && { info, read }, options);
  }
  if (options.writeQueue) yield* queueFindings(options.writeQueue);
  if (options.encryption) yield* encryptionFindings(options.encryption, options.openStore);
  yield await ollamaFinding(options.ollama, options);
  const chroma = await chromaFinding(options.chroma, options);
  if (chroma) yield chroma;
}

/** @returns the content of the file, if it can be ingested */
async function* dataFileFindings({
  file,
  ...options
}: ContentChecks): AsyncGenerator<Finding, FileReport | undefined> {
  const subject = "Data file";
  try {
    const report = await validateFile(file, options);
    const { count, repeatedTexts } = report;
    const repeats =
      repeatedTexts > 0
        ? `, ${repeatedTexts} ${repeatedTexts === 1 ? "repeats" : "repeat"} the text of another`
        : "";
    yield examined(subject, "fact", `${file}: ${counted(count, "record")}${repeats}`);
    return report;
  } catch (error) {
    yield failure(subject, error);
    return undefined;
  }
}

/** Bytes that the first question writes, if it has to fill the embedded index. */
function spaceFor({ missingIndex, content }: DoctorOptions): number {
  if (missingIndex === undefined || content === undefined) return 0;
  return (statSync(content.file, { throwIfNoEntry: false })?.size ?? 0) * indexBytesPerFileByte;
}

/** @returns what the index reports; `undefined` if it does not answer */
async function* indexFindings(
  options: DoctorOptions,
  report: FileReport | undefined,
): AsyncGenerator<Finding, StoreInfo | undefined> {
  const { openStore, expectation, missingIndex, hasToken, content, signal } = options;
  if (missingIndex !== undefined) {
    yield missingIndexFinding(missingIndex);
    return undefined;
  }
  let store: VectorStore | undefined;
  try {
    store = openStore();
    const opened = store;
    const info = await opened.info({ signal });
    yield examined("Index", "fact", `${opened.name}: ${describeIndex(info)}`);
    yield* fitFindings("Index settings", info, expectation);
    if (hasToken) {
      yield await attempt("Token", () =>
        writeTokenFinding("Token", "UPSTASH_VECTOR_REST_TOKEN", opened, options),
      );
    }
    if (content && report) {
      const readable = options.encryption
        ? new EncryptedStore({ ...options.encryption, store: opened })
        : opened;
      yield await attempt("Records", () =>
        contentFinding(readable, info, report.count, { ...content, signal }),
      );
    }
    return info;
  } catch (error) {
    yield failure("Index", error);
    return undefined;
  } finally {
    await store?.close();
  }
}

async function withStore<T>(open: () => VectorStore, action: (store: VectorStore) => Promise<T>): Promise<T> {
  const store = open();
  try {
    return await action(store);
  } finally {
    await store.close();
  }
}
