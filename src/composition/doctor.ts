import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join, parse } from "node:path";
import { environmentPath } from "../config/environment-file.ts";
import { defaultChromaUrl } from "../config/groups/chroma.ts";
import { defaultOllamaHost } from "../config/groups/models.ts";
import { shippedFoods } from "../config/groups/project.ts";
import type { Settings } from "../config/settings.ts";
import { answersFrom } from "../cutover/duties.ts";
import { writesElsewhere } from "../cutover/queue/pairs.ts";
import { queueStatus } from "../cutover/queue/status.ts";
import { cutoverStatus } from "../cutover/status.ts";
import { indexFile, verifyFile } from "../embedded/index.ts";
import { foodTemplate } from "../foods/food.ts";
import { IngestState } from "../foods/ingest-state.ts";
import type { Finding } from "../foundation/finding.ts";
import type { DoctorOptions } from "../operations/doctor.ts";
import { attempt, examined } from "../operations/finding.ts";
import { type IndexFileVerification, stateFileFinding } from "../operations/machine-findings.ts";
import type { CopyFacts, QueueFacts } from "../operations/policy-findings.ts";
import { hasState, stateFileIn } from "../state/open.ts";
import type { VectorStore } from "../store/store.ts";
import { openCutoverProtocol } from "./cutover.ts";
import { embeddingModelOf, expectationOf } from "./embedders.ts";
import { importFormerWrites, mayHaveQueue, outboxPair, outboxProtocol } from "./outbox.ts";
import { withOpenState } from "./own-state.ts";
import { cloudOf, cloudStore, createStore, missingIndex, openSecondaryStore } from "./single-stores.ts";
import { encryptionOptions, ingestStateFile } from "./stores.ts";

/** Milliseconds that the doctor waits for Ollama to list its models. */
const doctorTimeoutMs = 5_000;

/** Maximum bytes of an index that the doctor verifies, which takes a few seconds. */
const largestVerified = 512 * 1_048_576;

/** The parts that the doctor checks with these settings. */
export function doctorOptions(settings: Settings): DoctorOptions {
  const upstash = cloudOf(settings);
  const missing = missingIndex(settings);
  return {
    directory: settings.directory,
    examineState: () => stateFinding(settings),
    privacy: {
      places: [
        settings.directory,
        settings.backups.directory,
        environmentPath(),
        ...logFiles(settings.log.file?.path),
      ],
      backupDirectory: settings.backups.directory,
      areBackupsEncrypted: settings.backups.keyFile !== undefined,
    },
    content: contentChecks(settings),
    hasToken: upstash !== undefined,
    // Uses only the full token. The read-only token, which the store would use, is checked separately.
    openStore: () =>
      createStore({ ...settings, upstash: upstash && { ...upstash, readOnlyToken: undefined } }),
    ...(missing !== undefined && { missingIndex: missing }),
    ...(settings.store === "embedded" &&
      verifying(indexFile(settings.directory), (verifyIndexFile) => ({ verifyIndexFile }))),
    ...(upstash?.readOnlyToken !== undefined && {
      openReadOnlyStore: () =>
        cloudStore(settings, {
          ...upstash,
          token: upstash.readOnlyToken as string,
          readOnlyToken: undefined,
        }),
    }),
    expectation: expectationOf(settings),
    ...policyChecks(settings),
    ...cutoverChecks(settings),
    ollama: {
      connection: {
        host: settings.ollamaHost,
        timeoutMs: Math.min(settings.modelTimeoutMs, doctorTimeoutMs),
      },
      models: [settings.model, ...(settings.embedder === "ollama" ? [embeddingModelOf(settings)] : [])],
      isNeeded: settings.generator === "ollama" || settings.embedder === "ollama",
      isNamed: settings.ollamaHost !== defaultOllamaHost,
    },
    chroma: {
      url: settings.chroma.url,
      isNeeded: settings.store === "chroma",
      isNamed: settings.chroma.url !== defaultChromaUrl,
    },
  };
}

/** The present log file and those before it: `ragfood.1.log`. */
function logFiles(path: string | undefined): string[] {
  if (path === undefined || !existsSync(dirname(path))) return [];
  const { name, ext } = parse(path);
  const found = readdirSync(dirname(path)).filter((file) => file.startsWith(name) && file.endsWith(ext));
  return found.map((file) => join(dirname(path), file));
}

async function stateFinding(settings: Settings): Promise<Finding> {
  if (settings.statePostgres === undefined) return stateFileFinding(stateFileIn(settings.directory));
  const subject = "State store";
  return await attempt(subject, () =>
    withOpenState(settings, async (state) => {
      await state.transaction((session) => session.now(), { timeoutMs: doctorTimeoutMs });
      return examined(subject, "fact", `${state.location} answers`);
    }),
  );
}

function contentChecks(settings: Settings): NonNullable<DoctorOptions["content"]> {
  const { dataFile: file, namespace, template = foodTemplate } = settings;
  const state = new IngestState(ingestStateFile(settings));
  return {
    file,
    namespace,
    template,
    textFields: state.status(namespace, file, template).textFields,
    isNamed: file !== shippedFoods,
    fillsItself: settings.store === "embedded",
  };
}

/** With the verification of an embedded index, if its file exists and is not too large. */
function verifying<T extends object>(
  file: string,
  withVerification: (verify: IndexFileVerification) => T,
): Partial<T> {
  if (!existsSync(file) || statSync(file).size > largestVerified) return {};
  return withVerification(() => verifyFile(file));
}

/** The parts of the configured policies that the doctor checks. */
function policyChecks(settings: Settings): Pick<DoctorOptions, "secondary" | "writeQueue" | "encryption"> {
  const { fallback, upstash, outageWrites, namespace } = settings;
  const isEmbedded = fallback?.store === "embedded";
  const missing = isEmbedded ? missingIndex({ ...settings, store: "embedded" }) : undefined;
  const encryption = encryptionOptions(settings);
  return {
    ...(fallback && {
      secondary: {
        open: () => openSecondaryStore(settings) as VectorStore,
        ...(missing !== undefined && { missingIndex: missing }),
        expectation: expectationOf(isEmbedded ? { ...settings, upstash: undefined } : settings),
        namespace,
        isCopy: fallback.copiesWrites,
        ...(fallback.copiesWrites && { readCopy: (fileId) => readCopy(settings, fileId) }),
        ...(isEmbedded && verifying(indexFile(settings.directory), (verifyFile) => ({ verifyFile }))),
        ...(fallback.store === "upstash" && { token: "FALLBACK_VECTOR_REST_TOKEN" }),
      },
    }),
    ...(upstash &&
      (outageWrites === "queue" || mayHaveQueue(settings)) && {
        writeQueue: { read: () => readQueue(settings), isExpected: outageWrites === "queue" },
      }),
    ...(encryption && missingIndex(settings) === undefined && { encryption: { ...encryption, namespace } }),
  };
}

function cutoverChecks(settings: Settings): Pick<DoctorOptions, "cutover"> {
  const { cutover, upstash } = settings;
  if (cutover === undefined || upstash === undefined) return {};
  const sentence = () => cutoverSentence(settings);
  return { cutover: { sentence, openTarget: () => cloudStore(settings, upstash) } };
}

/** The stage of the cutover, and who answers. */
async function cutoverSentence(settings: Settings): Promise<string | undefined> {
  const { cutover, store } = settings;
  if (cutover === undefined || !hasState(settings)) return undefined;
  const { protocol, close } = openCutoverProtocol(settings, cutover);
  try {
    const { control } = await cutoverStatus(protocol);
    return `stage ${control.stage}. ${answersFrom(control, { source: store, target: cutover.target })}`;
  } finally {
    await close();
  }
}

/** How complete the second copy is; `undefined` before its start. */
async function readCopy(settings: Settings, fileId: string | undefined): Promise<CopyFacts | undefined> {
  if (!hasState(settings)) return undefined;
  return await withOpenState(settings, async (state) => {
    const { control, marks } = await cutoverStatus(outboxProtocol(settings, state));
    if (!control.isRecording) return undefined;
    const known = control.files.target;
    // Before a running process has noticed that the file is another one.
    const isOther = known !== undefined && fileId !== undefined && known !== fileId;
    return {
      isComplete: control.level === "level" && !isOther,
      underWay: marks.open + marks.settled + marks.queued,
    };
  });
}

async function readQueue(settings: Settings): Promise<QueueFacts | undefined> {
  if (!mayHaveQueue(settings)) return undefined;
  return await withOpenState(settings, async (state) => {
    await importFormerWrites(settings, state, {});
    const status = await queueStatus(outboxProtocol(settings, state));
    const elsewhere = Object.values(await writesElsewhere(state, outboxPair(settings) ?? ""));
    return { ...status, elsewhere: elsewhere.reduce((sum, count) => sum + count, 0) };
  });
}
