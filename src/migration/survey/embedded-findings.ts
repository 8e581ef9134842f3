import type { Finding } from "../../foundation/finding.ts";
import type { StoreInfo } from "../../store/store.ts";
import { modelTokens } from "../../store/upstash-limits.ts";
import { ofRecords } from "../id-tally.ts";
import type { PlanContext } from "./plan-context.ts";

/** What it requires and changes that the target embeds the texts. */
export function embeddedFindings(context: PlanContext): Finding[] {
  return [...whoEmbeds(context), ...longTextFindings(context), templateFinding(context)];
}

function whoEmbeds({ index, storeEmbeds, description }: PlanContext): Finding[] {
  const missing = storeEmbeds ? [] : missingModels(index);
  if (missing.length > 0) {
    return [
      {
        level: "problem",
        code: "no-model",
        message: `The target is ${index.type} and has no ${missing.join(" and no ")} model, so that it cannot embed texts.`,
        hint: "Create an index with a model, or keep the source's vectors with --vectors keep.",
      },
    ];
  }
  const models = [index.embeddingModel, index.sparseEmbeddingModel].filter((model) => model !== "");
  const who = storeEmbeds ? "This application embeds" : `The index embeds with ${models.join(" and ")}`;
  const sourceModel = description.embeddingModel;
  if (sourceModel !== undefined && sourceModel === index.embeddingModel) {
    const message = `${who}, as the source did: its vectors are made again, not carried over.`;
    return [{ level: "fact", code: "who-embeds", message }];
  }
  return [
    {
      level: "warning",
      code: "model",
      message: `${who}; the source's vectors, of ${sourceModel ?? "a model that it does not name"}, are not carried over. Scores and ranks will differ.`,
      hint: "Compare the results of both sides before you switch.",
    },
  ];
}

function missingModels({ type, embeddingModel, sparseEmbeddingModel }: StoreInfo): string[] {
  return [
    ...(type !== "SPARSE" && embeddingModel === "" ? ["dense"] : []),
    ...(type !== "DENSE" && sparseEmbeddingModel === "" ? ["sparse"] : []),
  ];
}

function longTextFindings({ survey, index }: PlanContext): Finding[] {
  // BM25 reads a text to its end.
  if (index.type === "SPARSE") return [];
  const model = index.embeddingModel === "" ? "the model" : index.embeddingModel;
  const tokens = modelTokens(index.embeddingModel).toLocaleString("en");
  return ofRecords(survey.longTexts, {
    level: "warning",
    code: "long-text",
    message: `Texts are longer than about ${tokens} tokens, the most that ${model} reads: dense search does not find the rest.`,
    hint: "Split long texts into several records.",
  });
}

function templateFinding({ hasTemplate }: PlanContext): Finding {
  const message = hasTemplate
    ? "Texts are filled into the template; the original stays in original_text."
    : "Texts are embedded as they are.";
  return { level: "fact", code: "template", message };
}
