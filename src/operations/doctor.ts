import { counted } from "../counted.ts";
import { AuthenticationError, ForbiddenError, RagfoodError } from "../errors.ts";
import { validateFile } from "../foods/validate.ts";
import { describeOllama, hasModel, type OllamaConnection } from "../ollama.ts";
import { type IndexExpectation, indexProblems } from "../store/check.ts";
import { chromaVersion } from "../store/chroma/version.ts";
import type { StoreInfo, VectorStore } from "../store/store.ts";

/** One line of the doctor: what was looked at, how it is, and what to do where it is not well. */
export interface Finding {
  readonly subject: string;
  readonly status: "pass" | "warn" | "fail";
  readonly detail: string;
  readonly hint?: string;
}

export interface DoctorOptions {
  readonly dataFile: string;
  readonly openStore: () => VectorStore;
  /** Where the embedded index is going to be; absent where it is there, or the cloud serves. */
  readonly missingIndex?: string;
  /** The same index by the read-only token; absent where there is none. */
  readonly openReadOnlyStore?: () => VectorStore;
  readonly expectation: IndexExpectation;
  /** Models that Ollama has to have, for answers or for vectors. */
  readonly ollama: OllamaConnection;
  readonly ollamaModels: readonly string[];
  /** Whether answers need Ollama, or are quoted from the sources without it. */
  readonly needsOllama: boolean;
  readonly chromaUrl: string;
  /** Whether Chroma is the store, or only what may be migrated from. */
  readonly needsChroma: boolean;
}

/** The lowest Node.js version that ragfood is tested on. */
const nodeMajor = 20;
const nodeMinor = 19;

/** Looks at everything that a question, an ingest or a migration needs (MIG-1). Changes nothing. */
export async function* examine(options: DoctorOptions): AsyncGenerator<Finding> {
  yield nodeFinding(process.versions.node);
  yield await attempt("Data file", () => dataFileFinding(options.dataFile));
  yield* indexFindings(options);
  if (options.openReadOnlyStore) yield await attempt("Read-only token", () => readOnlyFinding(options));
  yield await ollamaFinding(options);
  yield await chromaFinding(options);
}

function nodeFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isSupported = major > nodeMajor || (major === nodeMajor && minor >= nodeMinor);
  return {
    subject: "Node.js",
    status: isSupported ? "pass" : "fail",
    detail: `version ${version}`,
    ...(!isSupported && { hint: `Install Node.js ${nodeMajor}.${nodeMinor} or later.` }),
  };
}

async function dataFileFinding(file: string): Promise<Finding> {
  const { count, repeatedTexts } = await validateFile(file);
  const repeats =
    repeatedTexts > 0
      ? `, ${repeatedTexts} ${repeatedTexts === 1 ? "repeats" : "repeat"} the text of another`
      : "";
  return { subject: "Data file", status: "pass", detail: `${file}: ${counted(count, "record")}${repeats}` };
}

async function* indexFindings(options: DoctorOptions): AsyncGenerator<Finding> {
  const { openStore, expectation, missingIndex } = options;
  if (missingIndex !== undefined) {
    yield {
      subject: "Index",
      status: "pass",
      detail: `none yet; the first question makes it at ${missingIndex}`,
    };
    return;
  }
  let store: VectorStore | undefined;
  try {
    store = openStore();
    const info = await store.info();
    yield { subject: "Index", status: "pass", detail: `${store.name}: ${describeIndex(info)}` };
    const problems = indexProblems(info, expectation);
    for (const { problem, hint } of problems) {
      yield { subject: "Index settings", status: "fail", detail: problem, hint };
    }
    if (problems.length === 0) {
      yield {
        subject: "Index settings",
        status: "pass",
        detail: "kind, dimension and model fit the settings",
      };
    }
  } catch (error) {
    yield failure("Index", error);
  } finally {
    await store?.close();
  }
}

function describeIndex(info: StoreInfo): string {
  const models = [info.embeddingModel, info.sparseEmbeddingModel].filter((model) => model !== "");
  const embedding = models.length === 0 ? "no model" : models.join(" and ");
  const dimension = info.type === "SPARSE" ? "" : `, ${info.dimension} dimensions`;
  return `${info.type}${dimension}, ${embedding}, ${counted(info.recordCount, "record")}`;
}

/** The token reads, and a write is refused: one that would change nothing if it were not. */
async function readOnlyFinding({ openReadOnlyStore }: DoctorOptions): Promise<Finding> {
  const subject = "Read-only token";
  const store = openReadOnlyStore?.();
  try {
    await store?.info();
    await store?.delete({ ids: ["ragfood-doctor-no-such-record"] });
  } catch (error) {
    if (error instanceof ForbiddenError)
      return { subject, status: "pass", detail: "reads, and cannot write" };
    if (error instanceof AuthenticationError) {
      const hint = "Check UPSTASH_VECTOR_REST_READONLY_TOKEN; the Upstash console shows the token.";
      return { subject, status: "fail", detail: error.message, hint };
    }
    throw error;
  } finally {
    await store?.close();
  }
  return {
    subject,
    status: "fail",
    detail: "it can write",
    hint: "Set UPSTASH_VECTOR_REST_READONLY_TOKEN to the read-only token of the index.",
  };
}

async function ollamaFinding({ ollama, ollamaModels, needsOllama }: DoctorOptions): Promise<Finding> {
  const subject = "Ollama";
  const status = needsOllama ? "fail" : "warn";
  try {
    const { version, models } = await describeOllama(ollama);
    const missing = ollamaModels.filter((model) => !hasModel(models, model));
    if (missing.length === 0) {
      return {
        subject,
        status: "pass",
        detail: `version ${version} at ${ollama.host}, with ${ollamaModels.join(", ")}`,
      };
    }
    const hint = `Run: ${missing.map((model) => `ollama pull ${model}`).join(" && ")}`;
    return {
      subject,
      status,
      detail: `version ${version} at ${ollama.host}, without ${missing.join(", ")}`,
      hint,
    };
  } catch (error) {
    const finding = failure(subject, error);
    return needsOllama
      ? finding
      : { ...finding, status, detail: `${finding.detail} Answers are quoted from the sources.` };
  }
}

async function chromaFinding({ chromaUrl: url, needsChroma }: DoctorOptions): Promise<Finding> {
  const subject = "Chroma";
  try {
    return { subject, status: "pass", detail: `version ${await chromaVersion(url)} at ${url}` };
  } catch (error) {
    const hint = "start it, or set CHROMA_URL.";
    return needsChroma
      ? { ...failure(subject, error), hint: `Needed for STORE=chroma: ${hint}` }
      : {
          ...failure(subject, error),
          status: "warn",
          hint: `Needed only to migrate from a Chroma server: ${hint}`,
        };
  }
}

async function attempt(subject: string, look: () => Promise<Finding>): Promise<Finding> {
  try {
    return await look();
  } catch (error) {
    return failure(subject, error);
  }
}

function failure(subject: string, error: unknown): Finding {
  const hint = RagfoodError.is(error) ? error.hint : undefined;
  return { subject, status: "fail", detail: (error as Error).message, ...(hint !== undefined && { hint }) };
}
