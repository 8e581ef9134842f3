import { counted } from "./plural.ts";
import { quoted } from "./quoted.ts";

/** `problem`: it stops the work. `warning`: something differs, or may not be intended. `fact`: as it should be. */
export type FindingLevel = "problem" | "warning" | "fact";

/** One result of an examination, of a source, a plan or an installation; plain JSON. */
export interface Finding {
  /** Stable, to branch on: `large-text`. */
  readonly code: string;
  readonly level: FindingLevel;
  /** One or two sentences. */
  readonly message: string;
  /** What to do, one sentence. */
  readonly hint?: string;
  /** Number of records that it concerns. */
  readonly recordCount?: number;
  /** Ids of the first of them. */
  readonly ids?: readonly string[];
}

/** Message and records of a finding, without the hint: `Vectors are all zeros (2 records: "1", "7").` */
export function findingText({ message, recordCount = 0, ids = [] }: Finding): string {
  if (recordCount === 0) return message;
  const more = recordCount > ids.length ? ", …" : "";
  const listed = ids.length === 0 ? "" : `: ${ids.map((id) => quoted(id)).join(", ")}${more}`;
  return `${message.replace(/\.$/, "")} (${counted(recordCount, "record")}${listed}).`;
}
