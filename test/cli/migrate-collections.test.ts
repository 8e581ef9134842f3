import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runHere } from "../helpers/run-here.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";
import { makeStore, recordOf } from "../migration/chroma-directory/stores.ts";
import { chromaProject, eventsOf, startIndex } from "./migrate-helpers.ts";

/** A project with a `chroma_db` of the collections foods (8 records), drinks (5) and one without records. */
function severalCollections(other?: { name: string; dimension: number }): string {
  const directory = temporaryDirectory();
  const path = makeStore("1.3", (foods, store) => {
    for (let number = 0; number < 8; number++) foods.apply("add", recordOf(number));
    const drinks = store.collection({ name: "drinks", dimension: 4 });
    for (let number = 0; number < 5; number++) drinks.apply("add", recordOf(number));
    store.collection({ name: "empty", dimension: 4 });
    if (other)
      store
        .collection(other)
        .apply("add", { ...recordOf(0), vector: new Float32Array(other.dimension).fill(1) });
  });
  cpSync(path, join(directory, "chroma_db"), { recursive: true });
  return directory;
}

describe("migrate run --all-collections", () => {
  it("migrates each collection to its namespace with one backup, and reports each", async () => {
    const directory = severalCollections();
    const index = await startIndex();
    const words = ["migrate", "run", "--from", "chroma_db", "--to", "upstash", "--all-collections", "--json"];
    const options = { directory, environment: index.environment };
    const { code, out } = await runHere(words, options);
    // The collection without records is a separate error, and does not stop the others.
    expect(code).toBe(1);
    expect(eventsOf(out).at(-1)).toMatchObject({
      type: "collections-end",
      collections: expect.arrayContaining([
        { collection: "foods", namespace: "foods", code: 0 },
        { collection: "drinks", namespace: "drinks", code: 0 },
        { collection: "empty", namespace: "empty", code: 1 },
      ]),
    });
    const { namespaces } = await index.client.info();
    expect(namespaces.foods?.vectorCount).toBe(8);
    expect(namespaces.drinks?.vectorCount).toBe(5);
    const archives = readdirSync(join(directory, "backups")).filter((name) => name.endsWith(".tar.gz"));
    expect(archives).toHaveLength(1);
    expect(await runHere([...words, "--allow-empty"], options)).toMatchObject({ code: 0 });
  });

  it.each([["--dry-run"], ["--json"]])(
    "refuses collections that need indexes of different shapes, before anything is written: %s",
    async (option) => {
      const directory = severalCollections({ name: "wide", dimension: 8 });
      const words = ["migrate", "run", "--from", "chroma_db", "--to", "embedded:index", "--all-collections"];
      const { code, out, error } = await runHere([...words, "--vectors", "keep", option], { directory });
      expect(code).toBe(2);
      expect(`${out}${error}`).toMatch(/One index cannot hold all collections: they need .*4 dim.*8 dim/);
      expect(readdirSync(directory)).toEqual(["chroma_db"]);
    },
  );

  it("refuses options that are for one collection, and sources without collections", async () => {
    const directory = severalCollections();
    const words = ["migrate", "run", "--from", "chroma_db", "--to", "embedded:index", "--all-collections"];
    for (const name of ["collection", "namespace", "name"]) {
      expect(await runHere([...words, `--${name}`, "foods"], { directory })).toMatchObject({
        code: 2,
        error: expect.stringContaining(`--${name}`),
      });
    }
  });
});

describe("migrate status", () => {
  it("calls a finished dump import what it is, and answers --json without migrations", async () => {
    const directory = chromaProject(6);
    const none = await runHere(["migrate", "status", "--json"], { directory });
    expect(none.code).toBe(0);
    expect(eventsOf(none.out)).toEqual([{ type: "status-end", directory: ".ragfood", migrationCount: 0 }]);
    expect(await runHere(["dump", "export", "chroma_db", "dump"], { directory })).toMatchObject({ code: 0 });
    const words = ["dump", "import", "dump", "--to", "embedded:index", "--name", "foods"];
    expect(await runHere(words, { directory })).toMatchObject({ code: 0 });
    const status = await runHere(["migrate", "status"], { directory });
    expect(status.out).toMatch(/^foods: imported, not verified\n/);
    expect(status.out).toContain("6 records acknowledged by the target, 1 import");
    expect(status.out).toContain("ragfood migrate verify");
  });
});
