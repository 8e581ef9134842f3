import { columnsIn } from "./columns.ts";
import type { StateRow, StateSession, StateValue } from "./database.ts";
import { migrations } from "./migrations.ts";

/** Bytes of texts and blobs that are read together; a row of more comes alone. */
const bytesPerPage = 8 * 1_024 * 1_024;

const rowsPerPage = 2_000;

/** How many of these rows are read together: at least one. @param sizes their bytes, in order */
export function rowsWithin(sizes: readonly number[]): number {
  let sum = 0;
  const end = sizes.findIndex((size, place) => {
    sum += size;
    return place > 0 && sum > bytesPerPage;
  });
  return end < 0 ? sizes.length : end;
}

/** All rows of a table in the order of its primary key. Pages are bounded by rows and by bytes. */
export async function* pagesOf(session: StateSession, table: string): AsyncGenerator<StateRow[]> {
  const { key, sizes } = shapeOf(table);
  const list = key.join(", ");
  const size = sizes.map((column) => `coalesce(octet_length(${column}), 0)`).join(" + ") || "0";
  for (let last: StateRow | undefined; ; ) {
    const after = last && key.map((column) => (last as StateRow)[column] as StateValue);
    const place = after ? `WHERE (${list}) > (${key.map(() => "?").join(", ")})` : "";
    const found = await session.all<{ row_bytes: number }>(
      `SELECT ${size} AS row_bytes FROM ${table} ${place} ORDER BY ${list} LIMIT ${rowsPerPage}`,
      ...(after ?? []),
    );
    const count = rowsWithin(found.map(({ row_bytes: bytes }) => bytes));
    if (count === 0) return;
    const rows = await session.all(
      `SELECT * FROM ${table} ${place} ORDER BY ${list} LIMIT ${count}`,
      ...(after ?? []),
    );
    yield rows;
    last = rows.at(-1);
  }
}

/** The primary key of a table, and the columns whose values may be large. */
function shapeOf(table: string): { readonly key: readonly string[]; readonly sizes: readonly string[] } {
  const sql = migrations.join("\n");
  const columns = columnsIn(sql).filter((column) => column.table === table);
  const [, body = ""] = new RegExp(`CREATE TABLE ${table} \\((.*?)\\);`, "s").exec(sql) ?? [];
  const [, several] = /PRIMARY KEY \(([^)]*)\)/.exec(body) ?? [];
  const single = columns.filter(({ definition }) => definition.includes("PRIMARY KEY"));
  const key = several?.split(",").map((name) => name.trim()) ?? single.map(({ column }) => column);
  if (key.length === 0) throw new Error(`The state's table ${table} has no primary key.`);
  const large = columns.filter(({ definition }) => /^(?:TEXT|BYTEA)\b/.test(definition));
  return { key, sizes: large.map(({ column }) => column) };
}
