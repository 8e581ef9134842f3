import type { Finding } from "../foundation/finding.ts";
import { describeOllama, hasModel, type OllamaConnection } from "../ollama/client.ts";
import { chromaVersion } from "../store/chroma/version.ts";
import type { CallOptions } from "../store/store.ts";
import { examined, failure } from "./finding.ts";

export interface OllamaChecks {
  readonly connection: OllamaConnection;
  /** Models that Ollama has to have, for answers or for vectors. */
  readonly models: readonly string[];
  /** Whether answers or vectors need Ollama. Without it, answers are quoted from the sources. */
  readonly isNeeded: boolean;
}

export interface ChromaChecks {
  readonly url: string;
  /** Whether Chroma is the store, or only a possible source of a migration. */
  readonly isNeeded: boolean;
}

export async function ollamaFinding(
  { connection, models: wanted, isNeeded }: OllamaChecks,
  { signal }: CallOptions,
): Promise<Finding> {
  const subject = "Ollama";
  const level = isNeeded ? "problem" : "warning";
  try {
    const { version, models } = await describeOllama(connection, signal);
    const place = `version ${version} at ${connection.host}`;
    const missing = wanted.filter((model) => !hasModel(models, model));
    if (missing.length === 0) return examined(subject, "fact", `${place}, with ${wanted.join(", ")}`);
    const hint = `Run: ${missing.map((model) => `ollama pull ${model}`).join(" && ")}`;
    return examined(subject, level, `${place}, without ${missing.join(", ")}`, hint);
  } catch (error) {
    const finding = failure(subject, error);
    return isNeeded
      ? finding
      : { ...finding, level, message: `${finding.message} Answers are quoted from the sources.` };
  }
}

export async function chromaFinding(
  { url, isNeeded }: ChromaChecks,
  { signal }: CallOptions,
): Promise<Finding> {
  const subject = "Chroma";
  try {
    return examined(subject, "fact", `version ${await chromaVersion({ url }, signal)} at ${url}`);
  } catch (error) {
    const { hint = "Check CHROMA_URL." } = error as { hint?: string };
    return isNeeded
      ? failure(subject, error, `Needed for STORE=chroma. ${hint}`)
      : {
          ...failure(subject, error, `Needed only to migrate from a Chroma server. ${hint}`),
          level: "warning",
        };
  }
}
