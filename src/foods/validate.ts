import { DataError, type DataFault } from "../foundation/errors.ts";
import { IdTable } from "../foundation/id-table.ts";
import { counted } from "../foundation/plural.ts";
import type { Food } from "./food.ts";
import { type FileRecord, readRecords } from "./read-records.ts";

/** Upstash's limit for the metadata of a record. */
const maximumMetadataBytes = 48 * 1024;

/** The models that Upstash offers read this many tokens and leave the rest (bge-m3 reads 8,192). */
const modelTokens = 512;

/** English text comes to about 4 characters a token. */
const charactersPerToken = 4;

/** Faults that are told in full; more are counted. */
const faultsTold = 20;

/** What a file holds, when all of it can be stored. */
export interface FileReport {
  readonly file: string;
  readonly count: number;
  /** Records whose text some model will not read to its end. */
  readonly longTexts: number;
  /** Records whose text another record has too. */
  readonly repeatedTexts: number;
  /** Every id of the file. */
  readonly ids: IdTable;
}

/** What is wrong with a record; nothing when it is a food. */
export function foodProblems(value: unknown): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return [`a record has to be an object, this is ${kindOf(value)}`];
  }
  const record = value as Record<string, unknown>;
  const problems = [...textProblems(record, "id", true), ...textProblems(record, "text", true)];
  problems.push(...textProblems(record, "region", false), ...textProblems(record, "type", false));
  const bytes = jsonBytes(record);
  if (bytes === undefined) problems.push("the record is nested too deeply");
  else if (bytes > maximumMetadataBytes) {
    problems.push(
      `the record takes ${bytes} bytes, more than the ${maximumMetadataBytes} that metadata may take`,
    );
  }
  if ("original_text" in record)
    problems.push('the field "original_text" is kept for the text itself; rename it');
  return problems;
}

/** `undefined` where the record is nested deeper than it can be written out again. */
function jsonBytes(record: object): number | undefined {
  try {
    return Buffer.byteLength(JSON.stringify(record));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function textProblems(record: Record<string, unknown>, field: string, isRequired: boolean): string[] {
  const value = record[field];
  if (value === undefined || value === null) return isRequired ? [`"${field}" is missing`] : [];
  if (typeof value !== "string") return [`"${field}" has to be a string, this is ${kindOf(value)}`];
  return isRequired && value.trim() === "" ? [`"${field}" is empty`] : [];
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/**
 * Reads a whole file before anything of it is written.
 *
 * @param name what messages call the file
 * @throws {DataError} with every fault by line and record (the first 20 in full), or where the file is not JSON
 */
export async function validateFile(file: string, name: string = file): Promise<FileReport> {
  const ids = new IdTable();
  const texts = new IdTable();
  const faults: DataFault[] = [];
  let count = 0;
  let faultCount = 0;
  let longTexts = 0;
  let repeatedTexts = 0;
  let fieldsSeen: string[] | undefined;
  const report = (record: FileRecord, problem: string) => {
    faultCount++;
    if (faults.length < faultsTold)
      faults.push({ line: record.line, index: record.index, ...idOf(record), problem });
  };
  for await (const record of readRecords(file, name)) {
    count++;
    const problems = foodProblems(record.value);
    for (const problem of problems) report(record, problem);
    if (problems.length > 0) {
      fieldsSeen ??= Object.keys((record.value ?? {}) as object);
      continue;
    }
    const { id, text } = record.value as Food;
    const earlier = ids.add(id, count);
    if (earlier !== undefined) report(record, `the id is taken by record ${earlier}`);
    if (texts.add(text, count) !== undefined) repeatedTexts++;
    if (text.length > modelTokens * charactersPerToken) longTexts++;
  }
  if (faultCount > 0) throw unusable(name, count, faults, faultCount, fieldsSeen);
  if (count === 0)
    throw new DataError(name, `${name} holds no records.`, {
      hint: 'It has to be a list of {"id", "text"}.',
    });
  return { file: name, count, longTexts, repeatedTexts, ids };
}

function idOf({ value }: FileRecord): { id?: string } {
  const id = (value as { id?: unknown } | null)?.id;
  return typeof id === "string" && id !== "" ? { id } : {};
}

function unusable(
  file: string,
  count: number,
  faults: readonly DataFault[],
  faultCount: number,
  fieldsSeen: readonly string[] | undefined,
): DataError {
  const lines = faults.map(
    ({ line, index = 0, id, problem }) =>
      `  line ${line}, record ${index + 1}${id === undefined ? "" : ` (id ${JSON.stringify(id)})`}: ${problem}`,
  );
  if (faultCount > faults.length) lines.push(`  and ${faultCount - faults.length} more`);
  const fields =
    fieldsSeen && fieldsSeen.length > 0
      ? ` The first faulty record has the fields ${fieldsSeen.slice(0, 12).join(", ")}.`
      : "";
  return new DataError(
    file,
    `${file}: ${counted(faultCount, "fault")} in ${counted(count, "record")}; nothing was written.\n${lines.join("\n")}`,
    {
      faults,
      faultCount,
      hint: `Each record needs a string "id", distinct from all others, and a "text".${fields}`,
    },
  );
}

/** The foods of a file that has been validated. */
export async function* readFoods(file: string): AsyncGenerator<Food> {
  for await (const { value } of readRecords(file)) yield withoutNulls(value as Food);
}

/** A region or type of null is one that is not there. */
function withoutNulls(food: Food): Food {
  const { region, type, ...rest } = food as Food & { region: string | null; type: string | null };
  return { ...rest, ...(region != null && { region }), ...(type != null && { type }) } as Food;
}
