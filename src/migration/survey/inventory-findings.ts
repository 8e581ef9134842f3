import type { Finding } from "../../foundation/finding.ts";
import { ofRecords } from "../id-tally.ts";
import type { TargetIndex } from "../record-problems.ts";
import type { InventoryCollection } from "./inventory-source.ts";
import {
  filterKeyFindings,
  problemFindings,
  repeatedFindings,
  zeroVectorFindings,
} from "./record-findings.ts";
import type { Survey } from "./survey.ts";

/** Dimensions of all-MiniLM-L6-v2, Chroma's default embedding function. */
const defaultDimension = 384;

/** What prevents or changes a migration of a collection. */
export function inventoryFindings(
  collection: InventoryCollection,
  survey: Survey,
  index: TargetIndex,
): Finding[] {
  return [
    ...unreadableFindings(collection),
    ...repeatedFindings(survey),
    ...problemFindings(survey, index),
    ...unnormalizedFindings(collection.distance.space, survey),
    ...zeroVectorFindings(survey),
    ...embeddingFunctionFindings(collection, survey),
    ...textFindings(survey),
    ...ofRecords(survey.oddIds, {
      level: "warning",
      code: "odd-id",
      message: "Ids begin or end with space, or have control characters.",
      hint: "Check that the application uses the same ids.",
    }),
    ...filterKeyFindings(survey),
  ];
}

function unreadableFindings(collection: InventoryCollection): Finding[] {
  const { count, faults } = collection.unreadable();
  const ids = faults.slice(0, 10).map(({ id = "" }) => id);
  return ofRecords(
    { count, ids },
    {
      level: "problem",
      code: "unreadable",
      message: `Records cannot be read. In the first, ${faults[0]?.problem}.`,
      hint: faults[0]?.hint ?? "Restore a backup of the directory, or skip such records with --salvage.",
    },
  );
}

/** L2, cosine and inner product rank normalised vectors alike; other vectors rank differently. */
function unnormalizedFindings(space: string, { norms }: Survey): Finding[] {
  if (space === "cosine" || norms.unnormalizedCount === 0) return [];
  const [name, target] = space === "l2" ? ["L2", "EUCLIDEAN"] : ["inner product", "DOT_PRODUCT"];
  return [
    {
      level: "warning",
      code: "unnormalized",
      message: `Vectors are not normalised, and the collection compares by ${name}: a cosine index ranks them differently.`,
      hint: `Choose an index with ${target}, or compare the results of both sides.`,
      recordCount: norms.unnormalizedCount,
    },
  ];
}

/** Chroma records its default function even if the application made the vectors itself. */
function embeddingFunctionFindings(
  { embeddingFunction }: InventoryCollection,
  { dimensions }: Survey,
): Finding[] {
  const [dimension] = dimensions.keys();
  if (embeddingFunction?.name !== "default" || dimension === undefined || dimension === defaultDimension) {
    return [];
  }
  return [
    {
      level: "warning",
      code: "embedding-function",
      message: `Vectors have ${dimension} dimensions. Chroma's default embedding function, recorded for the collection, makes ${defaultDimension}: another model made them.`,
      hint: "Set EMBEDDING_MODEL to the model that made the vectors when you query the target.",
      recordCount: dimensions.get(dimension)?.count ?? 0,
    },
  ];
}

function textFindings({ withoutText, blankTexts, repeatedTexts, longTexts }: Survey): Finding[] {
  const warning = { level: "warning" } as const;
  return [
    ...ofRecords(withoutText, {
      ...warning,
      code: "no-document",
      message: "Records have no document, so they cannot be embedded or used for answers.",
    }),
    ...ofRecords(blankTexts, { ...warning, code: "empty-document", message: "Documents are empty." }),
    ...ofRecords(repeatedTexts, {
      ...warning,
      code: "repeated-document",
      message: "Documents repeat the document of another record.",
    }),
    ...ofRecords(longTexts, {
      ...warning,
      code: "long-document",
      message: "Documents are longer than about 512 tokens, the most that many models read.",
    }),
  ];
}
