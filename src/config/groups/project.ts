import { fileURLToPath } from "node:url";
import { z } from "zod";
import { type Group, optional, text, type Values, whole } from "../variables.ts";

/** What is searched, and how. */
export interface ProjectSettings {
  /** Where a project keeps its state: the embedded index and what belongs to it. */
  readonly directory: string;
  readonly dataFile: string;
  readonly namespace: string;
  /** Matches a question gets, 1 to 1,000. */
  readonly topK: number;
  /** Matches that score less are not relevant. */
  readonly minimumScore: number | undefined;
  /** The template of the embedded text; `{field}` is replaced with the field's value. */
  readonly template: string | undefined;
}

/** The data file that comes with the package. */
export const shippedFoods: string = fileURLToPath(new URL("../../../data/foods.json", import.meta.url));

const variables = {
  RAGFOOD_DIR: optional(text),
  JSON_FILE: optional(text),
  NAMESPACE: optional(text),
  MAX_RESULTS: optional(whole(1, 1_000)),
  MIN_SCORE: optional(z.coerce.number("has to be a number")),
  EMBEDDING_TEMPLATE: optional(text.refine((value) => value.includes("{text}"), "has to contain {text}")),
  RAGFOOD_DEBUG: optional(z.enum(["0", "1"], "has to be 0 or 1")),
};

export const projectGroup: Group<ProjectSettings> = {
  variables,
  read: (values: Values<typeof variables>) => ({
    directory: values.RAGFOOD_DIR ?? ".ragfood",
    dataFile: values.JSON_FILE ?? shippedFoods,
    namespace: values.NAMESPACE ?? "",
    topK: values.MAX_RESULTS ?? 3,
    minimumScore: values.MIN_SCORE,
    template: values.EMBEDDING_TEMPLATE,
  }),
};
