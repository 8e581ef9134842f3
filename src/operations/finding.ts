import { counted } from "../counted.ts";
import { RagfoodError } from "../errors.ts";
import type { StoreInfo } from "../store/store.ts";

/** One line of the doctor: what was looked at, how it is, and what to do where it is not well. */
export interface Finding {
  readonly subject: string;
  readonly status: "pass" | "warn" | "fail";
  readonly detail: string;
  readonly hint?: string;
}

/** What looking found, or the error that ended it. */
export async function attempt(subject: string, look: () => Promise<Finding>): Promise<Finding> {
  try {
    return await look();
  } catch (error) {
    return failure(subject, error);
  }
}

export function failure(subject: string, error: unknown): Finding {
  const hint = RagfoodError.is(error) ? error.hint : undefined;
  return { subject, status: "fail", detail: (error as Error).message, ...(hint !== undefined && { hint }) };
}

export function describeIndex(info: StoreInfo): string {
  const models = [info.embeddingModel, info.sparseEmbeddingModel].filter((model) => model !== "");
  const embedding = models.length === 0 ? "no model" : models.join(" and ");
  const dimension = info.type === "SPARSE" ? "" : `, ${info.dimension} dimensions`;
  return `${info.type}${dimension}, ${embedding}, ${counted(info.recordCount, "record")}`;
}
