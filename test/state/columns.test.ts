import { DatabaseSync } from "@photostructure/sqlite";
import { expect, it } from "vitest";
import { columnsIn } from "../../src/state/columns.ts";
import { migrations } from "../../src/state/migrations.ts";

it("every column of every table is known, so that a state that lacks one is refused at once", () => {
  const sql = migrations.join("\n");
  const database = new DatabaseSync(":memory:");
  database.exec(sql);
  const columns = database
    .prepare(
      `SELECT t.name AS "table", c.name AS "column" FROM sqlite_schema t JOIN pragma_table_info(t.name) c
       WHERE t.type = 'table' ORDER BY 1, 2`,
    )
    .all() as { table: string; column: string }[];
  database.close();
  const names = (from: readonly { table: string; column: string }[]) =>
    from.map(({ table, column }) => `${table}.${column}`).sort();
  expect(columns.length).toBeGreaterThan(50);
  expect(names(columnsIn(sql))).toEqual(names(columns));
});
