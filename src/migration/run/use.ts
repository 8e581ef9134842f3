import { shellWord } from "../../foundation/shell-word.ts";
import { shortQuestions, shortQuestionsHint } from "../norms.ts";
import type { Plan } from "../survey/index.ts";
import type { Migration } from "./migration.ts";
import type { PhaseStates } from "./state.ts";

/** How the application uses the target. */
export interface TargetUse {
  /** The settings, in the form of a shell or `.env`. */
  readonly settings: readonly string[];
  /** What else to know; one or two sentences each. */
  readonly notes: readonly string[];
}

/** The settings by which the application uses the target; `undefined` for a dump, which answers no questions. */
export function useOf({ target }: Pick<Migration, "target">, phases: PhaseStates): TargetUse | undefined {
  if (target.kind === "dump") return undefined;
  const settings = Object.entries(target.settings).map(([name, value]) => `${name}=${shellWord(value)}`);
  const plan = phases.plan?.outcome.facts as Partial<Plan> | undefined;
  const isAskedByVectors = target.embedding === "carried" && target.info.embeddingModel === "";
  if (!isAskedByVectors) return { settings, notes: [] };
  const model = plan?.source?.embeddingModel;
  const lengths = shortQuestions(plan?.norms, target.info.similarityFunction);
  return {
    settings,
    notes: [
      `The vectors were carried: embed questions with the model that made them${model === undefined ? ", which the source does not name" : `, ${model}`}. With another model of the same dimension the results mean nothing.`,
      ...(lengths === undefined ? [] : [`${lengths} ${shortQuestionsHint}`]),
    ],
  };
}
