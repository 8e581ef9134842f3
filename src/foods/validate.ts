import { DataError, type DataFault } from "../foundation/errors.ts";
import { JsonError, JsonText } from "../foundation/exact-json/index.ts";
import { IdTable } from "../foundation/id-table.ts";
import { counted } from "../foundation/plural.ts";
import { shellOption } from "../foundation/shell-word.ts";
import type { Document } from "../store/document.ts";
import {
  idProblem,
  largeMetadataProblem,
  largeTextProblem,
  textProblem,
} from "../store/document-problems.ts";
import { type Food, originalTextField, toDocument } from "./food.ts";
import { type FileRecord, readRecords } from "./read-records.ts";
import { likelyTextFields, withText } from "./text-fields.ts";

/** The embedding models of Upstash read this many tokens and skip the rest (bge-m3 reads 8,192). */
const modelTokens = 512;

/** English text has about 4 characters a token. */
const charactersPerToken = 4;

/** Faults that are listed; more are counted. */
const maximumListed = 20;

/** How the records of a file become documents. */
export interface FoodFileOptions {
  /** What messages call the file. Default: its path. */
  readonly name?: string;
  /** Default: the template for foods. */
  readonly template?: string;
  /** The fields that make up the text of a record, joined in this order. Default: `text`. */
  readonly textFields?: readonly string[];
}

/** The content of a file whose records can all be stored. */
export interface FileReport {
  readonly file: string;
  readonly count: number;
  /** Records whose text some model does not read to its end. */
  readonly longTexts: number;
  /** Records with the same text as another record. */
  readonly repeatedTexts: number;
  /** Every id of the file. */
  readonly ids: IdTable;
}

/** What is wrong with a record; nothing if it is a food that the store takes. */
export function foodProblems(value: unknown, { template, textFields = [] }: FoodFileOptions = {}): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return [`a record has to be an object, this is ${kindOf(value)}`];
  }
  const record = withText(value, textFields) as Record<string, unknown>;
  const problems = [
    ...textProblems(record, "id", true),
    ...textProblems(record, "text", true),
    ...textProblems(record, "region", false),
    ...textProblems(record, "type", false),
  ];
  if (textFields.length > 0 && !textFields.includes("text") && "text" in value)
    problems.push('its field "text" would be lost; name it with --text-field too');
  if (originalTextField in record)
    problems.push(`the field "${originalTextField}" is kept for the text itself; rename it`);
  return problems.length > 0 ? problems : storeProblems(toDocument(withoutNulls(record as Food), template));
}

/** What the store refuses, in a document that is a food. */
function storeProblems({ id, text, metadata }: Document): string[] {
  try {
    const problems = [
      idProblem(id),
      textProblem("text", text),
      largeTextProblem(text),
      largeMetadataProblem(metadata),
    ];
    return problems.filter((problem) => problem !== undefined);
  } catch (error) {
    if (error instanceof RangeError || error instanceof JsonError) return ["the record is nested too deeply"];
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
  if (value instanceof JsonText) return "a number";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** Faults of a file, by their number; the first ones in full. */
class Faults {
  readonly listed: DataFault[] = [];
  count = 0;
  /** The first record with a fault. */
  example: unknown;

  add(fault: DataFault): void {
    this.count++;
    if (this.listed.length < maximumListed) this.listed.push(fault);
  }

  addRecord(record: FileRecord, problem: string): void {
    this.example ??= record.value;
    this.add({ line: record.line, index: record.index, ...idOf(record), problem });
  }
}

/**
 * Reads a whole file before any record of it is written.
 *
 * @throws {DataError} with every fault by line and record (the first 20 in full), or if the file is not JSON
 */
export async function validateFile(file: string, options: FoodFileOptions = {}): Promise<FileReport> {
  const { name = file, textFields = [] } = options;
  const ids = new IdTable();
  const texts = new IdTable();
  const faults = new Faults();
  const counts = { records: 0, long: 0, repeated: 0 };
  const onFault = (fault: DataFault) => {
    counts.records++;
    faults.add(fault);
  };
  for await (const record of readRecords(file, {
    name,
    onFault,
    loneSurrogates: "refuse",
    exactNumbers: true,
  })) {
    counts.records++;
    const problems = foodProblems(record.value, options);
    for (const problem of problems) faults.addRecord(record, problem);
    if (problems.length > 0) continue;
    const { id, text } = withText(record.value, textFields) as Food;
    const earlier = ids.add(id, record.index + 1);
    if (earlier !== undefined) faults.addRecord(record, `the id is taken by record ${earlier}`);
    if (texts.add(text, record.index + 1) !== undefined) counts.repeated++;
    if (text.length > modelTokens * charactersPerToken) counts.long++;
  }
  if (faults.count > 0) throw unusable(name, counts.records, faults, textFields);
  if (counts.records === 0)
    throw new DataError(name, `${name} holds no records.`, {
      hint: 'It has to be a list of {"id", "text"}.',
    });
  return {
    file: name,
    count: counts.records,
    longTexts: counts.long,
    repeatedTexts: counts.repeated,
    ids,
  };
}

function idOf({ value }: FileRecord): { id?: string } {
  const id = (value as { id?: unknown } | null)?.id;
  return typeof id === "string" && id !== "" ? { id } : {};
}

function unusable(file: string, count: number, faults: Faults, textFields: readonly string[]): DataError {
  const { listed, count: faultCount, example } = faults;
  const lines = listed.map(
    ({ line, index = 0, id, problem }) =>
      `  line ${line}, record ${index + 1}${id === undefined ? "" : ` (id ${JSON.stringify(id)})`}: ${problem}`,
  );
  if (faultCount > listed.length) lines.push(`  and ${faultCount - listed.length} more`);
  return new DataError(
    file,
    `${file}: ${counted(faultCount, "fault")} in ${counted(count, "record")}; nothing was written.\n${lines.join("\n")}`,
    { faults: listed, faultCount, ...hintFor(listed, example, textFields) },
  );
}

/** The hint depends on the fault: a wrong file format, or records that exceed a limit. */
function hintFor(
  faults: readonly DataFault[],
  example: unknown,
  textFields: readonly string[],
): { hint?: string } {
  const isAbout = (part: RegExp) => faults.some(({ problem }) => part.test(problem));
  if (isAbout(/^"text" is missing/) && textFields.length === 0) {
    const fields = likelyTextFields(example);
    if (fields.length > 0) {
      const options = fields.map((field) => shellOption("text-field", field)).join(" ");
      return {
        hint: `The records have no "text". To make it of other fields, run: ragfood ingest <file> ${options}`,
      };
    }
  }
  if (isAbout(/^"(?:id|text)" |the id is taken|has to be an object/)) {
    const names = typeof example === "object" && example !== null ? Object.keys(example) : [];
    const fields =
      names.length > 0 ? ` The first faulty record has the fields ${names.slice(0, 12).join(", ")}.` : "";
    return { hint: `Each record needs a string "id", distinct from all others, and a "text".${fields}` };
  }
  if (isAbout(/the text takes|the metadata takes/)) {
    return {
      hint: "Split the text into several records, or shorten the field. The metadata keeps a copy of the text if EMBEDDING_TEMPLATE changes it.",
    };
  }
  return {};
}

/** The foods of a file that has been validated. */
export async function* readFoods(file: string, textFields: readonly string[] = []): AsyncGenerator<Food> {
  for await (const { value } of readRecords(file, { exactNumbers: true })) {
    yield withoutNulls(withText(value, textFields) as Food);
  }
}

/** A region or type of null counts as missing. */
function withoutNulls(food: Food): Food {
  const { region, type, ...rest } = food as Food & { region: string | null; type: string | null };
  return { ...rest, ...(region != null && { region }), ...(type != null && { type }) } as Food;
}
