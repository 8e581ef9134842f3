import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { DatabaseSync } from "@photostructure/sqlite";
import { expect, it } from "vitest";
import { runHere } from "../helpers/run-here.ts";
import { smallStore } from "../migration/chroma-directory/stores.ts";

/** Metadata of the embedded index as stored, which is what clients of any language get over HTTP. */
function storedMetadata(file: string): string[] {
  const database = new DatabaseSync(file, { readOnly: true });
  const rows = database.prepare("SELECT metadata FROM records ORDER BY id").all() as { metadata: string }[];
  database.close();
  return rows.map(({ metadata }) => metadata);
}

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
