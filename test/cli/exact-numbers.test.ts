import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { DatabaseSync } from "@photostructure/sqlite";
import { expect, it } from "vitest";
import { runHere } from "../helpers/run-here.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";
import { smallStore } from "../migration/chroma-directory/stores.ts";

const extractive = { GENERATOR: "extractive" };

/** Metadata of the embedded index as stored, which is what clients of any language get over HTTP. */
function storedMetadata(file: string): string[] {
  const database = new DatabaseSync(file, { readOnly: true });
  const rows = database.prepare("SELECT metadata FROM records ORDER BY id").all() as { metadata: string }[];
  database.close();
  return rows.map(({ metadata }) => metadata);
}

it("stores the numbers of a data file as it writes them, and knows them again", async () => {
  const directory = temporaryDirectory();
  const numbers = '"n":1.0,"zero":-0,"deep":{"list":[0.10,1e5,7]},"energy":60.0';
  const food = `{"id":"pho","text":"Pho is a soup.",${numbers}}`;
  writeFileSync(join(directory, "foods.json"), `[${food}]`);
  const first = await runHere(["ingest", "foods.json"], { directory });
  expect({ code: first.code, error: first.code === 0 ? "" : first.error }).toEqual({ code: 0, error: "" });
  const [metadata] = storedMetadata(join(directory, ".ragfood", "index.sqlite"));
  expect(metadata).toContain(numbers);
  const again = await runHere(["ingest", "foods.json"], { directory });
  expect(again.out).toContain("0 added, 0 changed, 1 unchanged");
  const answer = await runHere(["ask", "How much energy has pho?"], { directory, environment: extractive });
  expect(answer.out).toContain("60 kcal per 100 g");
  writeFileSync(join(directory, "foods.json"), '[{"id":"pho","text":1.0}]');
  expect((await runHere(["ingest", "foods.json"], { directory })).error).toContain("this is a number");
});

it("moves a float without a fraction as a float, and verifies it (MIG-14)", async () => {
  const path = smallStore("1.5");
  const database = new DatabaseSync(join(path, "chroma.sqlite3"));
  database.exec("UPDATE embedding_metadata SET float_value = 5.0 WHERE key = 'share'");
  database.close();
  const directory = dirname(path);
  const words = ["migrate", "run", "--from", path, "--to", "embedded:ix", "--vectors", "keep"];
  const { code, out, error } = await runHere(words, { directory });
  expect({ code, error: code === 0 ? "" : error }).toEqual({ code: 0, error: "" });
  expect(out).toContain("identical: 10 records");
  for (const metadata of storedMetadata(join(directory, "ix", "index.sqlite"))) {
    expect(metadata).toContain('"share":5.0');
  }
  expect((await runHere(["dump", "export", path, "dumped"], { directory })).code).toBe(0);
  const shard = gunzipSync(readFileSync(join(directory, "dumped", "records-00001.jsonl.gz"))).toString();
  expect(shard).toContain('"share":5.0');
});
