import { execFile } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compileFilter, parseFilter } from "../../src/embedded/filter/index.ts";
import { type Emulator, startEmulator } from "../../src/embedded/index.ts";
import { type CodeLanguage, codeOf } from "../../web/data/query/code.ts";
import { type IndexRequest, requestOf } from "../../web/data/query/request.ts";
import { emptyView, type View } from "../../web/data/query/view.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";
import { curl, jq, python } from "../helpers/tools.ts";

const hostile = `it's "quoted" $HOME \`id\` \\ \n \u2028 \u0007 🍛 \${x} </script> %s !x`;
const token = "full-token";

/** Metadata of every shape that a filter treats differently. */
const shapes: readonly Record<string, unknown>[] = [
  { name: "Naan", kcal: 262, vegan: false, tags: ["bread", "flat"], origin: { code: "IN" } },
  { name: "naan", kcal: 262.5, vegan: true, tags: [], origin: { code: "PK" } },
  { name: "Ñaan 🍛", kcal: -1, vegan: 1, tags: ["bread", 1, true], origin: ["IN"] },
  { name: hostile, kcal: "262", vegan: 0, tags: "bread", origin: "IN" },
  { name: null, kcal: null, vegan: null, tags: null, origin: null },
  { name: 1, kcal: true, vegan: "true", tags: { "0": "bread" }, origin: { code: null } },
  { name: ["Naan"], kcal: [262], vegan: [true], tags: [["bread"]], origin: { code: { code: "IN" } } },
  { name: "", kcal: 0, vegan: false, tags: [null], origin: {} },
  { length: 3, constructor: 2 },
];

/** A filter for each operator, type and form of a path. */
const filters: readonly string[] = [
  "name = 'Naan'",
  "name != 'Naan'",
  `name = '${hostile.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`,
  "kcal = 262",
  "kcal != 262",
  "kcal < 262.5",
  "kcal >= 0",
  "kcal = 1",
  "kcal != 0",
  "vegan = true",
  "vegan != true",
  "vegan = 0",
  "vegan != 1",
  "vegan IN (true, 'true')",
  "vegan NOT IN (1, 0)",
  "name IN ('Naan', 'naan', 1)",
  "name NOT IN ('Naan', 'naan')",
  "name NOT IN ('Naan', 2)",
  "name GLOB 'N*'",
  "name GLOB '?aan'",
  "name GLOB '[^N]aan*'",
  "name GLOB '[A-Z]*'",
  "name GLOB '*[$`]*'",
  "name GLOB '[z-a]*'",
  "name NOT GLOB '*aan*'",
  "name GLOB 'Ñ*🍛'",
  "tags CONTAINS 'bread'",
  "tags CONTAINS 1",
  "tags NOT CONTAINS 'bread'",
  "tags NOT CONTAINS true",
  "tags[0] = 'bread'",
  "tags[#-1] = 'flat'",
  "HAS FIELD tags[1]",
  "HAS NOT FIELD tags[#-0]",
  "origin.code = 'IN'",
  "HAS FIELD origin.code",
  "HAS NOT FIELD origin.code.code",
  "HAS FIELD constructor",
  "HAS NOT FIELD name",
  "length = 3 AND (kcal > 1 OR HAS NOT FIELD kcal)",
  "name = 'Naan' OR kcal = 0 AND vegan = false",
];

/** Each shape in each case, so that one program tries every filter on every shape. */
const records = filters.flatMap((_, number) =>
  shapes.map((metadata, shape) => ({
    id: `${number}:${shape}`,
    data: `text ${shape}`,
    sparseVector: { indices: [number], values: [1] },
    metadata: { ...metadata, number },
  })),
);
const everyFilter = filters.map((filter, number) => `(number = ${number} AND (${filter}))`).join(" OR ");
const expected = records
  .filter(({ metadata }) => compileFilter(parseFilter(filters[metadata.number] as string))(metadata))
  .map(({ id }) => id);

const listed = (change: Partial<View> = {}): IndexRequest =>
  requestOf({ ...emptyView, include: { metadata: false, text: true, vectors: false }, ...change }, info);
const info = { indexType: "SPARSE", namespaces: {} } as Parameters<typeof requestOf>[1];

/** The REST client of Python as far as programs use it: it is not a package of this repository. */
const pythonClient = `
import json, urllib.request
from types import SimpleNamespace as Record
api = {"top_k": "topK", "include_metadata": "includeMetadata", "include_data": "includeData",
       "include_vectors": "includeVectors", "sparse_vector": "sparseVector"}
class Printed(Record):
    def __repr__(self): return json.dumps(vars(self))
def record(values):
    return Printed(**{"metadata": None, **values})
class Index:
    def __init__(self, url, token): self.url, self.token = url, token
    def call(self, command, namespace="", **given):
        body = json.dumps({api.get(name, name): value for name, value in given.items()}).encode()
        url = f"{self.url}/{command}" + (f"/{namespace}" if namespace else "")
        headers = {"Authorization": f"Bearer {self.token}"}
        with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as answer:
            return json.load(answer)["result"]
    def query(self, **given):
        return [record(each) for each in self.call("query-data" if "data" in given else "query", **given)]
    def fetch(self, **given): return [record(each) for each in self.call("fetch", **given)]
    def range(self, **given):
        page = self.call("range", **given)
        return Record(next_cursor=page["nextCursor"], vectors=[record(each) for each in page["vectors"]])
`;

import { itUnless } from "../helpers/obstacles.ts";

const pythonTypes = "def SparseVector(indices, values): return {'indices': indices, 'values': values}\n";

const run = promisify(execFile);

/** Runs a program as a user would, and reads the records that it printed. */
const runners: Readonly<Record<CodeLanguage, (code: string) => Promise<string>>> = {
  curl: async (code) => (await run("sh", ["-c", code], { env: environment })).stdout,
  JavaScript: async (code) => {
    const directory = temporaryDirectory();
    symlinkSync(resolve("node_modules"), join(directory, "node_modules"));
    writeFileSync(join(directory, "code.mjs"), code);
    return (await run(process.execPath, [join(directory, "code.mjs")], { env: environment })).stdout;
  },
  Python: async (code) => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, "upstash_vector"));
    writeFileSync(join(directory, "upstash_vector", "__init__.py"), pythonClient);
    writeFileSync(join(directory, "upstash_vector", "types.py"), pythonTypes);
    writeFileSync(join(directory, "code.py"), code);
    const program = python.path as string;
    const env = { ...environment, PYTHONDONTWRITEBYTECODE: "1" };
    return (await run(program, [join(directory, "code.py")], { env })).stdout;
  },
};
const environment = { PATH: process.env.PATH, LC_ALL: "C.UTF-8", UPSTASH_VECTOR_REST_TOKEN: token };

const obstacles: Readonly<Record<CodeLanguage, string | undefined>> = {
  curl: curl.obstacle ?? jq.obstacle,
  JavaScript: undefined,
  Python: python.obstacle,
};

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ token, log: () => {} });
  for (const namespace of ["", hostile]) {
    const url = `${emulator.url}/upsert${namespace && `/${encodeURIComponent(namespace)}`}`;
    const body = JSON.stringify(records);
    await fetch(url, { method: "POST", headers: { Authorization: `Bearer ${token}` }, body });
  }
});
afterAll(() => emulator.close());

describe.each(["curl", "JavaScript", "Python"] as const)("the request as %s", (language) => {
  const obstacle = obstacles[language];

  interface Printed {
    readonly id: string;
    readonly data?: string;
    readonly score?: number;
  }

  const printed = async (request: IndexRequest, namespace = ""): Promise<Printed[]> => {
    const out = await runners[language](codeOf(language, request, { url: emulator.url, namespace }));
    const lines = out.split("\n").filter((line) => line !== "");
    return lines.flatMap((line) => {
      const value: unknown = JSON.parse(line);
      // A single request with curl prints the whole answer.
      return language === "curl" && value !== null && typeof value === "object" && "result" in value
        ? (value.result as Printed[])
        : [value as Printed];
    });
  };

  itUnless(obstacle, "prints every record of a list that the filter of the page shows", async () => {
    const found = await printed({ ...listed({ filter: everyFilter }) });
    expect(found.map(({ id }) => id)).toEqual(expected);
    expect(found[0]?.data).toMatch(/^text /);
  });

  itUnless(obstacle, "reads a list page by page to its end", async () => {
    const { body, ...rest } = listed({ mode: "id", query: "1*", namespace: hostile });
    const found = await printed({ ...rest, body: { ...body, limit: 40 } }, hostile);
    const wanted = records.map(({ id }) => id).filter((id) => id.startsWith("1"));
    expect(wanted.length).toBeGreaterThan(80);
    expect(found.map(({ id }) => id)).toEqual(wanted);
  });

  itUnless(obstacle, "queries with a filter, and fetches by id", async () => {
    const query = JSON.stringify({ indices: [3], values: [0.5] });
    const filter = `name = '${hostile.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
    const [found, ...others] = await printed(listed({ mode: "vector", query, filter }), hostile);
    expect(found).toMatchObject({ id: "3:3", score: 0.5 });
    expect(others).toEqual([]);
    expect(await printed(listed({ mode: "id", query: "7:2" }), hostile)).toMatchObject([
      { id: "7:2", data: "text 2" },
    ]);
  });

  it("never holds a token, and says that a list is filtered by the program itself", () => {
    const target = { url: "http://127.0.0.1:8079/one", namespace: "" };
    const code = codeOf(language, listed({ filter: "kcal > 9007199254740993" }), target);
    expect(code).toContain("UPSTASH_VECTOR_REST_TOKEN");
    expect(code).toContain("range takes no filter");
    expect(code.includes("rounded")).toBe(language !== "Python");
  });
});
