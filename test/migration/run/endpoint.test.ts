import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/foundation/errors.ts";
import { parseEndpoint } from "../../../src/migration/run/index.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";

describe("parseEndpoint", () => {
  it("reads every form of a source or target", () => {
    expect(parseEndpoint("upstash")).toEqual({ kind: "upstash" });
    expect(parseEndpoint("embedded")).toEqual({ kind: "embedded" });
    expect(parseEndpoint("embedded:x/y")).toEqual({ kind: "embedded", path: "x/y" });
    expect(parseEndpoint("dump:x")).toEqual({ kind: "dump", path: "x" });
    expect(parseEndpoint("chroma:db#foods")).toEqual({
      kind: "chroma-directory",
      path: "db",
      collection: "foods",
    });
    expect(parseEndpoint("chroma")).toEqual({ kind: "chroma-server" });
    const server = { kind: "chroma-server", url: "http://127.0.0.1:8000" };
    expect(parseEndpoint("http://127.0.0.1:8000/")).toEqual(server);
    expect(parseEndpoint("chroma+http://127.0.0.1:8000#foods")).toEqual({ ...server, collection: "foods" });
  });

  it("knows a bare directory by what it holds, and its name by what is there", () => {
    const parent = temporaryDirectory();
    const holding = (name: string, file: string) => {
      mkdirSync(join(parent, name));
      writeFileSync(join(parent, name, file), "");
      return join(parent, name);
    };
    const chroma = holding("a#b", "chroma.sqlite3");
    expect(parseEndpoint(chroma)).toEqual({ kind: "chroma-directory", path: chroma });
    expect(parseEndpoint(`${chroma}#foods`)).toMatchObject({ path: chroma, collection: "foods" });
    expect(parseEndpoint(holding("dump", "manifest.json"))).toMatchObject({ kind: "dump" });
    expect(parseEndpoint(holding("index", "index.sqlite"))).toMatchObject({ kind: "embedded" });
    expect(() => parseEndpoint(holding("other", "x"))).toThrow(/holds no Chroma, no dump and no index/);
  });

  it("names the store for a file of it, and the stores below a directory", () => {
    const parent = temporaryDirectory();
    const store = join(parent, "deep", "er", "chroma_db");
    mkdirSync(store, { recursive: true });
    writeFileSync(join(store, "chroma.sqlite3"), "");
    const hintOf = (word: string) => {
      try {
        return parseEndpoint(word);
      } catch (error) {
        return (error as UsageError).hint;
      }
    };
    expect(hintOf(join(store, "chroma.sqlite3"))).toBe(`Name the directory of the store: ${store}`);
    expect(hintOf(parent)).toBe(`Name the directory of a store: ${store}`);
  });

  it("answers anything else with the forms, and repeats no password", () => {
    fc.assert(
      fc.property(fc.string(), (word) => {
        try {
          parseEndpoint(`:${word}`);
          return false;
        } catch (error) {
          return error instanceof UsageError && error.hint?.includes("embedded:DIR") === true;
        }
      }),
    );
    for (const word of ["dump:", "chroma:", "embedded:", "http://", "nowhere/at/all"]) {
      expect(() => parseEndpoint(word)).toThrow(UsageError);
    }
    expect(() => parseEndpoint("http://me:hush@host:8000")).toThrow(/CHROMA_TOKEN/);
    expect(() => parseEndpoint("http://me:hush@host:8000")).not.toThrow(/hush/);
  });
});
