import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { codeOf } from "../../web/data/query/code.ts";
import type { IndexRequest } from "../../web/data/query/request.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";
import { python } from "../helpers/tools.ts";

const hostile = `it's "quoted" $HOME \`id\` \\ \n \u2028 \u0007 🍛 \${x} </script> %s !x`;
const target = { url: "http://127.0.0.1:8079/one", namespace: hostile };
const request: IndexRequest = {
  command: "query-data",
  body: { data: hostile, topK: 5, filter: `name = "it's"`, includeMetadata: true },
};
const vectors: IndexRequest = {
  command: "query",
  body: { sparseVector: { indices: [1, 7], values: [0.5, 1e-7] }, topK: 3, includeVectors: true },
};

/** What a shell passes to a program that is called `curl`. */
function argumentsOf(code: string): string[] {
  const directory = temporaryDirectory();
  const program = `#!${process.execPath}\nprocess.stdout.write(JSON.stringify(process.argv.slice(2)));\n`;
  writeFileSync(join(directory, "curl"), program, { mode: 0o755 });
  const environment = { PATH: `${directory}:${process.env.PATH}`, UPSTASH_VECTOR_REST_TOKEN: "secret" };
  return JSON.parse(execFileSync("sh", ["-c", code], { encoding: "utf8", env: environment }));
}

describe("the request as curl", () => {
  it("reaches curl unchanged through a shell", () => {
    const [url = "", header, authorization, data, body = ""] = argumentsOf(codeOf("curl", request, target));
    expect(url).toBe(`http://127.0.0.1:8079/one/query-data/${encodeURIComponent(hostile)}`);
    expect([header, authorization, data]).toEqual(["-H", "Authorization: Bearer secret", "-d"]);
    expect(JSON.parse(body)).toEqual(request.body);
  });
});

describe("the request as JavaScript", () => {
  it.each([
    ["query", request],
    ["fetch", { command: "fetch", body: { ids: ["a'b"], includeData: true } }],
  ] satisfies [string, IndexRequest][])("calls the official client: %s", (method, given: IndexRequest) => {
    const code = codeOf("JavaScript", given, target);
    const directory = temporaryDirectory();
    const file = join(directory, "code.mjs");
    const client = `
      const calls = [];
      class Index {
        constructor(options) { calls.push(options); }
        namespace(name) { calls.push(name); return this; }
      }
      for (const name of ["query", "fetch"])
        Index.prototype[name] = async (...given) => { calls.push(name, ...given); return calls; };
      console.log = (value) => process.stdout.write(JSON.stringify(value));
    `;
    writeFileSync(file, code.replace(/^import .*$/m, client));
    const out = execFileSync(process.execPath, [file], {
      encoding: "utf8",
      env: { UPSTASH_VECTOR_REST_TOKEN: "secret" },
    });
    const { ids, ...options } = given.body;
    const expected = given.command === "fetch" ? [ids, options] : [given.body];
    expect(JSON.parse(out)).toEqual([{ url: target.url, token: "secret" }, hostile, method, ...expected]);
  });
});

describe.skipIf(python.obstacle !== undefined)(`the request as Python ${python.obstacle ?? ""}`, () => {
  const client = `
import json
class Index:
    def __init__(self, **options): self.options = options
    def __getattr__(self, name): return lambda **given: json.dumps([self.options, name, given])
`;
  const types = "def SparseVector(indices, values): return {'indices': indices, 'values': values}\n";

  it.each([
    ["text", request, { data: hostile, top_k: 5, filter: `name = "it's"`, include_metadata: true }],
    ["vectors", vectors, { sparse_vector: vectors.body.sparseVector, top_k: 3, include_vectors: true }],
  ])("calls the official client with %s", (_, given, expected) => {
    const directory = temporaryDirectory();
    execFileSync("mkdir", [join(directory, "upstash_vector")]);
    writeFileSync(join(directory, "upstash_vector", "__init__.py"), client);
    writeFileSync(join(directory, "upstash_vector", "types.py"), types);
    writeFileSync(join(directory, "code.py"), codeOf("Python", given, target));
    const out = execFileSync(python.path as string, [join(directory, "code.py")], {
      encoding: "utf8",
      env: { UPSTASH_VECTOR_REST_TOKEN: "secret", PYTHONDONTWRITEBYTECODE: "1" },
    });
    expect(JSON.parse(out)).toEqual([
      { url: target.url, token: "secret" },
      "query",
      { ...expected, namespace: hostile },
    ]);
  });
});

it("never holds a token", () => {
  for (const language of ["curl", "JavaScript", "Python"] as const) {
    expect(codeOf(language, request, target)).toContain("UPSTASH_VECTOR_REST_TOKEN");
  }
});
