import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Reserve } from "../../src/sqlite/reserve.ts";
import { openSqliteState } from "../../src/state/sqlite.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

it("a state in memory keeps no reserve on the disk", async () => {
  const state = openSqliteState(":memory:");
  await state.transaction(async () => {}, { reserve: "keep" });
  await state.close();
  expect(existsSync(":memory:.reserve")).toBe(false);
});

it("a reserve that a killed process left half written is made whole", () => {
  const path = join(temporaryDirectory(), "reserve");
  writeFileSync(path, Buffer.alloc(5));
  new Reserve(path, 10).keep();
  expect(statSync(path).size).toBe(10);
});
