import type { Plan } from "../survey/index.ts";
import type { Migration } from "./migration.ts";
import type { PhaseStates } from "./state.ts";

/** How the application comes to ask the target. */
export interface TargetUse {
  /** The settings, as a shell or `.env` has them. */
  readonly settings: readonly string[];
  /** What has to be known besides; one sentence or two each. */
  readonly notes: readonly string[];
}

/** By which settings the application asks what was migrated; `undefined` for a target that answers no questions. */
export function useOf({ target }: Pick<Migration, "target">, phases: PhaseStates): TargetUse | undefined {
  if (target.settings === undefined) return undefined;
  const settings = Object.entries(target.settings).map(([name, value]) => `${name}=${quoted(value)}`);
  const plan = phases.plan?.outcome.facts as Partial<Plan> | undefined;
  const isAskedByVectors = target.embedding === "carried" && target.info.embeddingModel === "";
  if (!isAskedByVectors) return { settings, notes: [] };
  const model = plan?.source?.embeddingModel;
  const { spread, unnormalized } = lengthsOf(plan);
  return {
    settings,
    notes: [
      `The vectors were carried: questions have to be embedded by the model that made them, ${model ?? "which the source does not name"}. Another model of the same dimension gives answers that mean nothing.`,
      ...(unnormalized && target.info.similarityFunction === "EUCLIDEAN"
        ? [
            `The vectors are ${spread} long, and Ollama's present API makes questions of length 1: by EUCLIDEAN, short vectors would come first. For questions that ragfood embeds, migrate with --similarity COSINE.`,
          ]
        : []),
    ],
  };
}

/** By how much lengths may differ before a distance feels it. */
const lengthTolerance = 0.01;

function lengthsOf(plan: Partial<Plan> | undefined): { spread: string; unnormalized: boolean } {
  const norms = plan?.norms;
  if (!norms) return { spread: "", unnormalized: false };
  const unnormalized =
    Math.abs(norms.minimum - 1) > lengthTolerance || Math.abs(norms.maximum - 1) > lengthTolerance;
  return { spread: `${norms.minimum.toFixed(1)} to ${norms.maximum.toFixed(1)}`, unnormalized };
}

/** A value that a shell takes as one word. */
function quoted(value: string): string {
  return /^[\w./:@%+,-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}
