import { cpSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { DatabaseSync } from "@photostructure/sqlite";
import { describe, expect, it } from "vitest";
import { runHere } from "../helpers/run-here.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";
import { makeStore, recordOf, segmentOf, smallStore } from "../migration/chroma-directory/stores.ts";

/** `foods` in three databases, with one, two and three records. */
function namesakes(): string {
  return makeStore("1.5", (collection, store) => {
    const scopes = [{ tenant: "acme" }, { database: "prod" }];
    const others = scopes.map((scope) => store.collection({ name: "foods", dimension: 4, ...scope }));
    for (const [place, each] of [collection, ...others].entries()) {
      for (let number = 0; number <= place; number++) each.apply("add", recordOf(number));
    }
  });
}

/** Ten records, the second of which has an integer beyond 2^53. */
function withLargeInteger(): string {
  return makeStore("1.5", (collection) => {
    for (let number = 0; number < 10; number++) {
      const record = recordOf(number);
      const large = number === 1 ? { tweet: 1_610_521_604_143_693_812n } : {};
      collection.apply("add", { ...record, metadata: { ...record.metadata, ...large } });
    }
  });
}

/** A copy of a store whose last write is in its write-ahead log alone, as a killed process leaves it. */
function killed(path: string): string {
  const database = new DatabaseSync(join(path, "chroma.sqlite3"));
  database.exec(
    "PRAGMA journal_mode = WAL; UPDATE embedding_metadata SET string_value = 'Peru' WHERE key = 'region'",
  );
  const copy = join(temporaryDirectory(), "chroma_db");
  cpSync(path, copy, { recursive: true });
  database.close();
  return copy;
}

const runBeside = (path: string, words: string[], environment: Record<string, string> = {}) =>
  runHere(words, { directory: dirname(path), environment });

function dumped(path: string): { id: string; metadata: Record<string, unknown> }[] {
  const shard = readFileSync(join(dirname(path), "out", "records-00001.jsonl.gz"));
  return gunzipSync(shard)
    .toString()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

describe("two collections of one name", () => {
  it("are named in the error, with the options that choose one", async () => {
    const path = namesakes();
    const { code, out, error } = await runBeside(path, [
      "dump",
      "export",
      path,
      "out",
      "--collection",
      "foods",
    ]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(error).toContain("--tenant and --database");
    expect(error).toContain('"acme/default_database/foods"');
  });

  it("are exported by tenant and database", async () => {
    const path = namesakes();
    const words = ["dump", "export", path, "out", "--tenant", "default_tenant", "--database", "prod"];
    const { code, out } = await runBeside(path, words);
    expect(code).toBe(0);
    expect(out).toContain("default_tenant/prod/foods");
    expect(dumped(path)).toHaveLength(3);
  });

  it("are chosen by CHROMA_TENANT and CHROMA_DATABASE too", async () => {
    const path = namesakes();
    const { code } = await runBeside(path, ["dump", "export", path, "out"], { CHROMA_TENANT: "acme" });
    expect(code).toBe(0);
    expect(dumped(path)).toHaveLength(2);
  });

  it("are two migrations, each with its own ledger", async () => {
    const path = namesakes();
    for (const tenant of ["acme", "default_tenant"]) {
      const words = ["migrate", "import", "--from", path, "--to", `embedded:${tenant}`];
      const options = ["--tenant", tenant, "--database", "default_database", "--vectors", "keep"];
      const { code, error } = await runBeside(path, [...words, ...options]);
      expect({ code, error: code === 0 ? "" : error }).toEqual({ code: 0, error: "" });
    }
  });

  it("are listed by the inventory of one tenant alone", async () => {
    const path = namesakes();
    const { out } = await runBeside(path, ["inventory", path, "--tenant", "acme", "--json"]);
    const { collections } = JSON.parse(out) as { collections: { tenant: string }[] };
    expect(collections.map(({ tenant }) => tenant)).toEqual(["acme"]);
  });
});

describe("an option of a Chroma", () => {
  it.each([
    ["--salvage", ["--salvage"]],
    ["--tenant", ["--tenant", "acme"]],
    ["--large-integers", ["--large-integers", "text"]],
    ["--include-journals", ["--include-journals"]],
  ])("is refused for another source: %s", async (name, options) => {
    const path = smallStore("1.5");
    expect((await runBeside(path, ["dump", "export", path, "first"])).code).toBe(0);
    const { code, error } = await runBeside(path, ["dump", "export", "dump:first", "second", ...options]);
    expect({ code, error }).toMatchObject({
      code: 2,
      error: expect.stringContaining(`${name} is an option`),
    });
  });
});

describe("an integer beyond 2^53 in a directory", () => {
  it("is refused with record, key and the option that keeps its digits", async () => {
    const path = withLargeInteger();
    const { code, error } = await runBeside(path, ["dump", "export", path, "out"]);
    expect(code).toBe(1);
    expect(error).toContain('"food-1"');
    expect(error).toContain('"tweet"');
    expect(error).toContain("--large-integers text");
    expect(error).not.toContain("backup");
  });

  it("is kept as text when asked for", async () => {
    const path = withLargeInteger();
    const words = ["dump", "export", path, "out", "--large-integers", "text"];
    expect((await runBeside(path, words)).code).toBe(0);
    expect(dumped(path)[1]?.metadata.tweet).toBe("1610521604143693812");
  });

  it("is skipped with --salvage, and named", async () => {
    const path = withLargeInteger();
    const words = ["dump", "export", path, "out", "--salvage"];
    const { code, error, out } = await runBeside(path, words);
    expect(code).toBe(0);
    expect(error).toContain("1 record cannot be read");
    expect(error).toContain('"food-1"');
    expect(out).toContain("9 records");
    expect(dumped(path)).toHaveLength(9);
  });

  it("is not moved with --salvage, and the closing line says so", async () => {
    const path = withLargeInteger();
    const words = ["migrate", "run", "--from", path, "--to", "embedded:ix", "--vectors", "keep", "--salvage"];
    const { code, out } = await runBeside(path, words);
    expect(code).toBe(0);
    expect(out).toContain("Complete without 1 record of the source that cannot be read");
    expect(out).toContain('"food-1": its metadata "tweet"');
    expect(out).toContain("identical: 9 records");
  });

  it("refuses another word", async () => {
    const path = smallStore("1.5");
    const { code, error } = await runBeside(path, ["inventory", path, "--large-integers", "round"]);
    expect({ code, error }).toMatchObject({ code: 2, error: expect.stringContaining("refuse or text") });
  });
});

describe("a store without its folder of HNSW files", () => {
  const withoutFolder = () => {
    const path = smallStore("1.5");
    rmSync(segmentOf(path), { recursive: true });
    return path;
  };

  it("migrates to a target that makes the vectors", async () => {
    const path = withoutFolder();
    const words = ["migrate", "run", "--from", path, "--to", "embedded:ix", "--embed", "target"];
    const { code, out } = await runBeside(path, words);
    expect({ code, isIdentical: out.includes("identical: 10 records") }).toEqual({
      code: 0,
      isIdentical: true,
    });
  });

  it("is refused with advice if its vectors are kept", async () => {
    const path = withoutFolder();
    const words = ["migrate", "run", "--from", path, "--to", "embedded:ix", "--vectors", "keep"];
    const { code, error } = await runBeside(path, words);
    expect({ code, error }).toMatchObject({ code: 1, error: expect.stringContaining("--embed target") });
  });
});

describe("a store that a killed Chroma left with its write-ahead log", () => {
  it.each([
    ["migrate run", ["migrate", "run", "--from", "chroma_db", "--to", "embedded:ix", "--vectors", "keep"]],
    [
      "migrate import --include-journals",
      [
        "migrate",
        "import",
        "--from",
        "chroma_db",
        "--to",
        "embedded:ix",
        "--vectors",
        "keep",
        "--include-journals",
      ],
    ],
    ["dump export --include-journals", ["dump", "export", "chroma_db", "out", "--include-journals"]],
    ["inventory --include-journals", ["inventory", "chroma_db", "--include-journals"]],
  ])("is read by %s", async (_, words) => {
    const path = killed(smallStore("1.5"));
    expect(statSync(join(path, "chroma.sqlite3-wal")).size).toBeGreaterThan(0);
    const { code, error } = await runBeside(path, words);
    expect({ code, error: code === 0 ? "" : error }).toEqual({ code: 0, error: "" });
  });
});
