import { z } from "zod";
import { type FileRecord, readRecords } from "../foods/read-records.ts";
import { DataError, type DataFault } from "../foundation/errors.ts";
import { parseFilter } from "../store/filter.ts";
import type { JudgedQuery } from "./judged-query.ts";
import { readJudgements } from "./read-judgements.ts";

const word = z.string().trim().min(1);

/** `relevant`: ids, all of grade 1, or grades by id. */
const goldenQuery = z
  .object({
    id: word,
    question: word,
    filter: word.optional(),
    relevant: z
      .union([
        z.array(word).min(1, "has to name a record"),
        z.record(word, z.number("has to be ids, or grades by id")),
      ])
      .optional(),
    history: z.array(word).optional(),
    declined: z.boolean().optional(),
  })
  .refine(({ relevant, declined }) => relevant !== undefined || declined === true, {
    message: "has to be ids, or grades by id",
    path: ["relevant"],
  });

/** BEIR writes `_id`. */
const beirQuery = z.object({ _id: word, text: word });

/**
 * Golden queries: a JSON list or JSON Lines of `{id, question, relevant}`, with `relevant` a list of ids or
 * grades by id, and an optional `filter` in Upstash's language. Other fields are ignored. Questions that are to
 * be declined, and those that continue a conversation, are for `readGoldenQuestions`: they are skipped.
 *
 * @throws {DataError} naming every record that is no such query
 * @throws {FilterSyntaxError} for a filter that does not parse
 */
export async function readGoldenQueries(file: string): Promise<JudgedQuery[]> {
  const queries = await readRecordsOf(file, goldenQuery, ({ id }) => id);
  return queries.flatMap(({ id, question, filter, relevant, history, declined }) =>
    relevant === undefined || history !== undefined || declined === true
      ? []
      : [
          {
            id,
            text: question,
            judgements: new Map(
              Array.isArray(relevant) ? relevant.map((record) => [record, 1]) : Object.entries(relevant),
            ),
            ...(filter !== undefined && { filter: parseFilter(filter) }),
          },
        ],
  );
}

/**
 * Queries in BEIR's form (Thakur et al. 2021): `queries.jsonl` with `_id` and `text`, and a table of judgements
 * (`qrels`) with the columns query, record, grade. Queries without judgements are skipped; either file may be
 * gzipped.
 *
 * @throws {DataError} if a file cannot be read, or a judged query is missing
 */
export async function readBeirQueries(queriesFile: string, judgementsFile: string): Promise<JudgedQuery[]> {
  const judgements = await readJudgements(judgementsFile);
  const queries = await readRecordsOf(queriesFile, beirQuery, ({ _id }) => _id);
  const judged = queries.flatMap(({ _id: id, text }) => {
    const grades = judgements.get(id);
    return grades ? [{ id, text, judgements: grades }] : [];
  });
  const known = new Set(judged.map(({ id }) => id));
  const missing = [...judgements.keys()].filter((id) => !known.has(id));
  if (missing.length > 0) {
    throw new DataError(
      queriesFile,
      `${judgementsFile} judges ${missing.length} queries that ${queriesFile} does not have, such as ${missing[0]}.`,
      { hint: "Name the queries and the judgements of one collection." },
    );
  }
  return judged;
}

async function* readQueryFile(file: string): AsyncGenerator<FileRecord> {
  try {
    yield* readRecords(file);
  } catch (error) {
    // What the reader advises is for data files that are ingested.
    if (!(error instanceof DataError)) throw error;
    throw new DataError(file, error.message, {
      cause: error,
      faults: error.faults,
      hint: "Name a file of queries with --queries.",
    });
  }
}

/**
 * Every record of a file of queries, checked.
 *
 * @throws {DataError} naming every record that does not match, and every id that comes twice
 */
export async function readRecordsOf<T>(
  file: string,
  schema: z.ZodType<T>,
  idOf: (value: T) => string,
): Promise<T[]> {
  const values: T[] = [];
  const faults: DataFault[] = [];
  const ids = new Set<string>();
  for await (const { value, line, index } of readQueryFile(file)) {
    const parsed = schema.safeParse(value);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      faults.push({ line, index, problem: `"${issue?.path.join(".")}": ${issue?.message}` });
    } else if (ids.has(idOf(parsed.data))) {
      faults.push({ line, index, id: idOf(parsed.data), problem: "the id comes twice" });
    } else {
      ids.add(idOf(parsed.data));
      values.push(parsed.data);
    }
  }
  if (faults.length > 0 || values.length === 0) {
    const [first] = faults;
    const reason = first ? `line ${first.line}: ${first.problem}` : "it holds no query";
    throw new DataError(file, `${file} cannot be read as queries: ${reason}.`, {
      faults,
      hint: 'A query looks like {"id": "q01", "question": "…", "relevant": ["an-id"]}.',
    });
  }
  return values;
}
