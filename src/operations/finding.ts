import { RagfoodError } from "../foundation/errors.ts";
import { counted } from "../foundation/plural.ts";
import { type IndexExpectation, indexProblems } from "../store/check.ts";
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
  const hint = error instanceof RagfoodError ? error.hint : undefined;
  return { subject, status: "fail", detail: (error as Error).message, ...(hint !== undefined && { hint }) };
}

export function describeIndex(info: StoreInfo): string {
  const models = [info.embeddingModel, info.sparseEmbeddingModel].filter((model) => model !== "");
  const embedding = models.length === 0 ? "no model" : models.join(" and ");
  const dimension = info.type === "SPARSE" ? "" : `, ${info.dimension} dimensions`;
  return `${info.type}${dimension}, ${embedding}, ${counted(info.recordCount, "record")}`;
}

/** Whether an index is what the settings ask for: a line for each thing that is not, or one that all is. */
export function fitFindings(subject: string, info: StoreInfo, expectation: IndexExpectation): Finding[] {
  const problems = indexProblems(info, expectation);
  if (problems.length === 0) {
    return [{ subject, status: "pass", detail: "kind, dimension and model fit the settings" }];
  }
  return problems.map(({ problem, hint }) => ({ subject, status: "fail", detail: problem, hint }));
}
