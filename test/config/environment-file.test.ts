import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { readEnvironmentFile } from "../../src/config/environment-file.ts";
import { temporaryDirectory, temporaryFile } from "../helpers/temporary.ts";

function read(...lines: string[]) {
  const file = temporaryFile(lines.join("\n"), ".env");
  const found = readEnvironmentFile(dirname(file));
  return { values: found?.values, faults: found?.faults.map(({ line, problem }) => `${line} ${problem}`) };
}

describe("a .env file (DOC-2)", () => {
  it("is read as Node.js does", () => {
    const lines = [
      "# a comment",
      'A="two',
      'lines"',
      "",
      " export B = 1 # one",
      "C=",
      "D='x # y'",
      'E=`a"b`',
    ];
    expect(read(...lines)).toEqual({
      values: { A: "two\nlines", B: "1", C: "", D: "x # y", E: 'a"b' },
      faults: [],
    });
  });

  it("need not exist", () => {
    expect(readEnvironmentFile(temporaryDirectory())).toBeUndefined();
  });

  it("reports each line that sets nothing, and reads the lines around it", () => {
    const { values, faults } = read("A=1", "GENERATOR: extractive", "B=2", "D", "C=3");
    expect(values).toEqual({ A: "1", B: "2", C: "3" });
    expect(faults).toEqual(["2 is not NAME=value", "4 is not NAME=value"]);
  });

  it("reports an unquoted # that cuts a value off", () => {
    const { values, faults } = read("RAGFOOD_DIR=state#2", "CHROMA_TOKEN=abc #def", 'A="b#c"', "B='b#c'");
    expect(values).toEqual({ RAGFOOD_DIR: "state", CHROMA_TOKEN: "abc", A: "b#c", B: "b#c" });
    expect(faults).toEqual([
      "1 RAGFOOD_DIR: what follows # is a comment; write a value that holds # in quotes",
    ]);
  });

  it("reports an escape in a path", () => {
    const { values, faults } = read(
      'JSON_FILE="C:\\new\\foods.json"',
      "RAGFOOD_DIR='C:\\new'",
      'NOTE="a\\nb"',
    );
    expect(values?.RAGFOOD_DIR).toBe("C:\\new");
    expect(faults).toEqual([
      "1 JSON_FILE: \\n in double quotes is a line break; write a path in single quotes",
    ]);
  });

  it("reports what a shell would have replaced, unless it is in single quotes", () => {
    const { values, faults } = read(
      `RAGFOOD_DIR="\${HOME}/state"`,
      "JSON_FILE=~/foods.json",
      "BACKUP_DIR=/data/$USER",
      `CHROMA_TOKEN='\${HOME}'`,
      "TOKEN=pa$sword~",
    );
    expect(values).toMatchObject({ RAGFOOD_DIR: `\${HOME}/state`, CHROMA_TOKEN: `\${HOME}` });
    expect(faults).toEqual(
      [`1 RAGFOOD_DIR: \${HOME}`, "2 JSON_FILE: ~/", "3 BACKUP_DIR: $USER"].map(
        (start) =>
          `${start} is not replaced here; write the value out, or in single quotes if it is meant as it is`,
      ),
    );
  });

  it("lets no later empty value undo an earlier one, and reports it", () => {
    expect(read("NAMESPACE=a", "", "NAMESPACE=")).toEqual({
      values: { NAMESPACE: "a" },
      faults: ["3 NAMESPACE is empty here; line 1 counts"],
    });
  });

  it("reports a name that is given twice; the last value counts", () => {
    expect(read("A=1", "A=2")).toEqual({
      values: { A: "2" },
      faults: ["2 A is given again; line 1 does not count"],
    });
    expect(read("A=", "A=2")).toEqual({ values: { A: "2" }, faults: [] });
  });
});
