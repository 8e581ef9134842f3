import type { Collection } from "chromadb";
import { ServiceFaultError } from "../../foundation/errors.ts";

/** The columns that Chroma's client takes from any answer. */
type Columns = Readonly<Record<"ids" | "documents" | "metadatas" | "embeddings" | "distances", unknown>>;

const isText = (value: unknown) => typeof value === "string";

/** The values of a row in each column besides nothing. Vectors are not checked number by number. */
const cells: Readonly<Record<Exclude<keyof Columns, "ids">, (value: unknown) => boolean>> = {
  documents: isText,
  metadatas: (value) => typeof value === "object" && !Array.isArray(value),
  embeddings: Array.isArray,
  distances: (value) => typeof value === "number",
};

/**
 * Checks an answer about records: the client accepts the page of a proxy as if it were one.
 *
 * @throws {ServiceFaultError} if columns are missing, of other lengths than the ids, or of other values
 */
export function requireColumns<T>(url: string, answer: T): T {
  if (typeof answer !== "object" || answer === null || !("ids" in answer)) return answer;
  const columns = answer as unknown as Columns;
  const isSound = "distances" in answer ? isQueryAnswer(columns) : isSoundTable(columns, (column) => column);
  if (isSound) return answer;
  throw unreadable(url, "something other than records");
}

/** @throws {ServiceFaultError} if the answer is not a number */
export async function countRecords(records: Collection, url: string): Promise<number> {
  const count: unknown = await records.count();
  if (Number.isSafeInteger(count)) return count as number;
  throw unreadable(url, "a count that is not a number");
}

/** @param what it answered with */
export function unreadable(url: string, what: string, cause?: unknown): ServiceFaultError {
  return new ServiceFaultError("chroma", `Chroma at ${url} answered with ${what}.`, {
    cause,
    hint: "Check that CHROMA_URL is a Chroma server, and that no proxy answers in its place.",
  });
}

/** One list for each vector that was asked for, and one vector was. */
function isQueryAnswer(columns: Columns): boolean {
  if (!Array.isArray(columns.ids) || columns.ids.length !== 1) return false;
  return isSoundTable(columns, (column) => (Array.isArray(column) && column.length > 0 ? column[0] : column));
}

function isSoundTable(columns: Columns, rowsOf: (column: unknown) => unknown): boolean {
  const ids = rowsOf(columns.ids);
  if (!Array.isArray(ids) || !ids.every(isText)) return false;
  return Object.entries(cells).every(([name, isCell]) => {
    const rows = rowsOf(columns[name as keyof Columns]) ?? [];
    // A column that was not asked for is empty.
    return (
      Array.isArray(rows) &&
      (rows.length === 0 || rows.length === ids.length) &&
      rows.every((value) => value === null || value === undefined || isCell(value))
    );
  });
}
