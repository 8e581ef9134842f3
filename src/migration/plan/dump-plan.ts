import { counted } from "../../foundation/plural.ts";
import type { CallOptions } from "../../store/store.ts";
import type { RecordSource, SourceDescription } from "../source.ts";
import { type PlannedSizes, sizesOf } from "./cost.ts";
import { type Finding, ofRecords } from "./finding.ts";
import { countFindings, repeatedFindings } from "./findings.ts";
import { findingLines, planHeading, sizeText } from "./markdown.ts";
import type { NormSpread } from "./norm-tally.ts";
import type { PlanEvent } from "./plan.ts";
import { type RecordSurvey, surveyRecords } from "./survey.ts";

export interface DumpPlanOptions extends CallOptions {
  readonly source: RecordSource;
  /** The directory that is to be made. */
  readonly directory: string;
  readonly onEvent?: (event: PlanEvent) => void;
}

/** What a dump would hold; plain JSON. */
export interface DumpPlan {
  /** No problem was found. */
  readonly isPossible: boolean;
  readonly source: SourceDescription & { readonly name: string };
  readonly directory: string;
  readonly sizes: PlannedSizes;
  readonly norms: NormSpread | undefined;
  readonly problems: readonly Finding[];
  readonly warnings: readonly Finding[];
  readonly facts: readonly Finding[];
}

/**
 * Says what a dump of a source would hold, from one pass over it. A dump takes what no index does, long texts and
 * large metadata too; only ids that come twice and vectors of several lengths stand against it.
 *
 * @throws {CancelledError} when the signal fires
 * @throws {ServiceError | StorageError | DataError} when the source cannot be read
 */
export async function planDump({ source, directory, signal, onEvent }: DumpPlanOptions): Promise<DumpPlan> {
  const calling = signal ? { signal } : {};
  const description = await source.describe(calling);
  const survey = await surveyRecords({
    source,
    embedding: "carried",
    present: undefined,
    template: undefined,
    embeddingModel: "",
    onBatch: (done) => onEvent?.({ type: "plan-progress", done, total: description.recordCount }),
    ...calling,
  });
  const problems = [...repeatedFindings(survey), ...dimensionFindings(survey, description)];
  return {
    isPossible: problems.length === 0,
    source: { ...description, name: source.name },
    directory,
    sizes: sizesOf(survey, { dimension: description.dimension }, "carried"),
    norms: survey.norms.spread,
    problems,
    warnings: countFindings(survey, description),
    facts: [
      {
        level: "fact",
        code: "as-is",
        message: "Ids, texts, vectors and metadata are written as they are; nothing is embedded.",
      },
    ],
  };
}

function dimensionFindings({ dimensions }: RecordSurvey, { dimension }: SourceDescription): Finding[] {
  return [...dimensions].flatMap(([length, tally]) =>
    length === dimension
      ? []
      : ofRecords(tally, {
          level: "problem",
          code: "dimension",
          message: `Vectors have ${counted(length, "dimension")}; a dump has those of the source, ${dimension}, alone.`,
          hint: "Embed these records in the source with the model of the others.",
        }),
  );
}

/** A plan for a person: whether it works in the first lines. */
export function dumpPlanMarkdown(plan: DumpPlan): string {
  const { source, sizes } = plan;
  return [
    planHeading(plan.problems),
    "",
    `${counted(sizes.recordCount, "record")} from ${source.name} (${source.kind}) into a dump, ${plan.directory}. Nothing was written.`,
    "",
    `- Size: ${sizeText(sizes.textBytes)} of texts, ${sizeText(sizes.metadataBytes)} of metadata, ${sizeText(sizes.vectorBytes)} of vectors, before compression`,
    ...findingLines(plan),
    "",
  ].join("\n");
}
