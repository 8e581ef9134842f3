import { z } from "zod";
import { readRecordsOf } from "../read-queries.ts";

const word = z.string().trim().min(1);

/** What every listed record has to satisfy, by its own fields. */
export interface Safety {
  /** Labels that the field `diet` has to hold. */
  readonly diet?: readonly string[] | undefined;
  /** What neither `allergens` nor `mayContain` may hold. */
  readonly free?: readonly string[] | undefined;
  /** `false`: no alcohol, not even possibly. */
  readonly alcohol?: false | undefined;
}

const safety: z.ZodType<Safety> = z.strictObject({
  diet: z.array(word).optional(),
  free: z.array(word).optional(),
  alcohol: z.literal(false).optional(),
});

const goldenQuestion = z
  .object({
    id: word,
    question: word,
    kind: word.default("question"),
    split: word.optional(),
    history: z.array(word).default([]),
    relevant: z
      .union([z.array(word), z.record(word, z.number())])
      .default([])
      .transform((relevant) => new Set(Array.isArray(relevant) ? relevant : Object.keys(relevant))),
    facts: z.array(z.union([word.transform((fact) => [fact]), z.array(word).min(1)])).default([]),
    forbidden: z.array(word).default([]),
    all: z.boolean().default(false),
    sole: z.boolean().default(false),
    safe: safety.optional(),
    declined: z.boolean().default(false),
  })
  .refine(({ declined, relevant }) => declined !== relevant.size > 0, {
    message: "has to name a record, or the question be declined",
    path: ["relevant"],
  });

/**
 * A question with what a right answer holds and what it must not hold.
 *
 * @example
 * { "id": "q1", "kind": "diet", "question": "Is hummus vegan?", "relevant": ["hummus"],
 *   "facts": [["^yes", "hummus is vegan"]], "forbidden": ["^no"], "sole": true }
 */
export interface GoldenQuestion {
  readonly id: string;
  readonly question: string;
  /** Results are given by kind. Default `question`. */
  readonly kind: string;
  /** `tune` or `test`, or any other part of the file. */
  readonly split?: string | undefined;
  /** Earlier questions of the conversation, oldest first. */
  readonly history: readonly string[];
  /** Ids; one of them has to be among the first sources, and be cited. */
  readonly relevant: ReadonlySet<string>;
  /** Phrases that the answer has to hold; of a list any one. `^` binds a phrase to the beginning. */
  readonly facts: readonly (readonly string[])[];
  /** Phrases that make the answer wrong. */
  readonly forbidden: readonly string[];
  /** Whether every relevant record has to be cited: comparisons. */
  readonly all: boolean;
  /** Whether no other record may be cited: facts of one food. */
  readonly sole: boolean;
  readonly safe?: Safety | undefined;
  /** Whether the right answer is that the data has nothing on it. */
  readonly declined: boolean;
}

/**
 * Golden questions: a JSON list or JSON Lines of objects as `GoldenQuestion` has them. Only `id`, `question`
 * and either `relevant` or `declined` are required. Other fields are ignored.
 *
 * @throws {DataError} naming every record that is not such a question
 */
export async function readGoldenQuestions(file: string): Promise<GoldenQuestion[]> {
  return await readRecordsOf(file, goldenQuestion, ({ id }) => id);
}
