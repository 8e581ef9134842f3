import { stringifyJson } from "../foundation/exact-json/index.ts";
import type { Metadata } from "./document.ts";
import { upstashRecordLimits } from "./upstash-limits.ts";

/**
 * What an index does not take of a document, each as a phrase without subject and full stop. Ingest, migrations and
 * dumps share these, so that none of them passes what the store refuses.
 */

export function idProblem(id: unknown): string | undefined {
  if (id === "") return "the id is empty";
  const problem = textProblem("id", id);
  if (problem !== undefined || typeof id !== "string") return problem;
  if (id.includes("\0")) return "the id has the character U+0000";
  const bytes = Buffer.byteLength(id);
  const limit = upstashRecordLimits.idBytes;
  return bytes > limit ? `the id takes ${bytes} bytes; the index takes ${limit}` : undefined;
}

/** UTF-8 has no form for half of a surrogate pair. */
export function textProblem(part: "id" | "text", value: unknown, needsUnicode = true): string | undefined {
  if (typeof value !== "string") return `the ${part} is not a string`;
  return needsUnicode && /\p{Surrogate}/u.test(value)
    ? `the ${part} has half of a surrogate pair, which is not Unicode text`
    : undefined;
}

export function largeTextProblem(text: string): string | undefined {
  const bytes = Buffer.byteLength(text);
  const limit = upstashRecordLimits.textBytes;
  return bytes > limit ? `the text takes ${bytes} bytes; the index takes ${limit}` : undefined;
}

/** Names the largest field: a text that an application copied into the metadata is the usual cause. */
export function largeMetadataProblem(metadata: Metadata): string | undefined {
  const limit = upstashRecordLimits.metadataBytes;
  const bytes = jsonBytes(metadata);
  if (bytes <= limit) return undefined;
  const [name, size] = Object.entries(metadata)
    .map(([key, value]) => [key, jsonBytes(value)] as const)
    .reduce((largest, field) => (field[1] > largest[1] ? field : largest));
  return `the metadata takes ${bytes} bytes, ${size} of them the field ${JSON.stringify(name)}; the index takes ${limit}`;
}

/** Bytes of a value as JSON in UTF-8. @throws {JsonError} if it has no form in JSON */
export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(stringifyJson(value));
}
