import type { StoreInfo } from "../../store/store.ts";
import { modelTokens } from "../../store/upstash-plans.ts";
import { type Finding, type FindingsOptions, ofRecords } from "./finding.ts";

/** What it takes, and changes, that the target embeds the texts. */
export function embeddedFindings(options: FindingsOptions): Finding[] {
  return [...whoEmbeds(options), ...textFindings(options), ...templateFindings(options)];
}

function whoEmbeds({ index, storeEmbeds, description }: FindingsOptions): Finding[] {
  const missing = storeEmbeds ? [] : missingModels(index);
  if (missing.length > 0) {
    return [
      {
        level: "problem",
        code: "no-model",
        message: `The target is ${index.type} and has no ${missing.join(" and no ")} model, so that it embeds no text.`,
        hint: "Create an index with a model, or carry the vectors over.",
      },
    ];
  }
  const models = [index.embeddingModel, index.sparseEmbeddingModel].filter((model) => model !== "");
  const who = storeEmbeds ? "This application embeds" : `The index embeds with ${models.join(" and ")}`;
  const made = description.embeddingModel;
  if (made !== undefined && made === index.embeddingModel) {
    const message = `${who}, as the source was: its vectors are made anew, not carried over.`;
    return [{ level: "fact", code: "who-embeds", message }];
  }
  return [
    {
      level: "warning",
      code: "model",
      message: `${who}; the vectors of the source, of ${made ?? "a model that it does not tell"}, are left behind. Scores and ranks will differ.`,
      hint: "Compare the results of both sides before you change over.",
    },
  ];
}

function missingModels({ type, embeddingModel, sparseEmbeddingModel }: StoreInfo): string[] {
  return [
    ...(type !== "SPARSE" && embeddingModel === "" ? ["dense"] : []),
    ...(type !== "DENSE" && sparseEmbeddingModel === "" ? ["sparse"] : []),
  ];
}

function textFindings({ survey, index }: FindingsOptions): Finding[] {
  const model = index.embeddingModel === "" ? "the model" : index.embeddingModel;
  const tokens = modelTokens(index.embeddingModel).toLocaleString("en");
  return [
    ...ofRecords(survey.withoutText, {
      level: "problem",
      code: "no-text",
      message: "Records have no text, so that there is nothing to embed.",
      hint: "Carry the vectors over, or give the records a text in the source.",
    }),
    // BM25 reads a text to its end.
    ...(index.type === "SPARSE"
      ? []
      : ofRecords(survey.longText, {
          level: "warning",
          code: "long-text",
          message: `Texts come to more than about ${tokens} tokens, which is what ${model} reads: the rest is not found.`,
          hint: "Cut long texts into records of their own.",
        })),
  ];
}

function templateFindings({ hasTemplate }: FindingsOptions): Finding[] {
  const message = hasTemplate
    ? "Texts are filled into the template; as they were they stay in original_text."
    : "Texts are embedded as they are.";
  return [{ level: "fact", code: "template", message }];
}
