import type { Finding } from "../foundation/finding.ts";
import { describeOllama, hasModel } from "../ollama/client.ts";
import type { OllamaConnection } from "../ollama/connection.ts";
import { chromaVersion } from "../store/chroma/version.ts";
import type { CallOptions } from "../store/store.ts";
import { examined, failure } from "./finding.ts";

export interface OllamaChecks {
  readonly connection: OllamaConnection;
  /** Models that Ollama has to have, for answers or for vectors. */
  readonly models: readonly string[];
  /** Whether answers or vectors need Ollama. Without it, answers are quoted from the sources. */
  readonly isNeeded: boolean;
  /** Whether the settings name the server: one that nobody asked for may be down. */
  readonly isNamed: boolean;
}

export interface ChromaChecks {
  readonly url: string;
  /** Whether Chroma is the store, or only a possible source of a migration. */
  readonly isNeeded: boolean;
  /** As for Ollama. */
  readonly isNamed: boolean;
}

export async function ollamaFinding(
  { connection, models: wanted, isNeeded, isNamed }: OllamaChecks,
  { signal }: CallOptions,
): Promise<Finding> {
  const subject = "Ollama";
  const level = isNeeded ? "problem" : "warning";
  try {
    const { version, models } = await describeOllama(connection, signal);
    const place = `version ${version} at ${connection.host}`;
    const missing = wanted.filter((model) => !hasModel(models, model));
    if (missing.length === 0)
      return examined(
        subject,
        "fact",
        `${place}, with ${wanted.join(", ")}; no text was generated to try it`,
      );
    const hint = `Run: ${missing.map((model) => `ollama pull ${model}`).join(" && ")}`;
    return examined(subject, level, `${place}, without ${missing.join(", ")}`, hint);
  } catch (error) {
    const finding = failure(subject, error);
    if (isNeeded) return finding;
    if (!isNamed) return examined(subject, "fact", "not running; answers are quoted from the sources");
    return { ...finding, level, message: `${finding.message} Answers are quoted from the sources.` };
  }
}

/** @returns `undefined` if it does not answer and is not used */
export async function chromaFinding(
  { url, isNeeded, isNamed }: ChromaChecks,
  { signal }: CallOptions,
): Promise<Finding | undefined> {
  const subject = "Chroma";
  try {
    return examined(subject, "fact", `version ${await chromaVersion({ url }, signal)} at ${url}`);
  } catch (error) {
    const { hint = "Check CHROMA_URL." } = error as { hint?: string };
    if (isNeeded) return failure(subject, error, `Needed for STORE=chroma. ${hint}`);
    if (!isNamed) return undefined;
    const finding = failure(subject, error, `Needed only to migrate from a Chroma server. ${hint}`);
    return { ...finding, level: "warning" };
  }
}
