import { RagfoodError } from "../foundation/errors.ts";
import type { Finding, FindingLevel } from "../foundation/finding.ts";
import { counted } from "../foundation/plural.ts";
import { type IndexExpectation, indexProblems } from "../store/check.ts";
import type { StoreInfo } from "../store/store.ts";

/** One line of the doctor; its code is the subject: `read-only-token`. */
export function examined(subject: string, level: FindingLevel, detail: string, hint?: string): Finding {
  const code = subject.toLowerCase().replace(/[^a-z]+/g, "-");
  return { code, level, message: `${subject}: ${detail}`, ...(hint !== undefined && { hint }) };
}

/** The result of an examination, or the error that ended it. */
export async function attempt(subject: string, examine: () => Promise<Finding>): Promise<Finding> {
  try {
    return await examine();
  } catch (error) {
    return failure(subject, error);
  }
}

export function failure(subject: string, error: unknown, hint?: string): Finding {
  const own = error instanceof RagfoodError ? error.hint : undefined;
  return examined(subject, "problem", (error as Error).message, hint ?? own);
}

export function describeIndex(info: StoreInfo): string {
  const models = [info.embeddingModel, info.sparseEmbeddingModel].filter((model) => model !== "");
  const embedding = models.length === 0 ? "no model" : models.join(" and ");
  const dimension = info.type === "SPARSE" ? "" : `, ${info.dimension} dimensions`;
  return `${info.type}${dimension}, ${embedding}, ${counted(info.recordCount, "record")}`;
}

/** Whether an index fits the settings: one finding for each difference, or one if there are none. */
export function fitFindings(subject: string, info: StoreInfo, expectation: IndexExpectation): Finding[] {
  const problems = indexProblems(info, expectation);
  if (problems.length === 0) {
    return [examined(subject, "fact", "kind, dimension and model fit the settings")];
  }
  return problems.map(({ problem, hint }) => examined(subject, "problem", problem, hint));
}
