import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { cutoverGroup } from "../../src/config/groups/cutover.ts";
import { allCommands } from "../helpers/commands.ts";
import { mutations } from "./simulator/mutations.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string) => readFileSync(`${root}/${path}`, "utf8");
const specification = read("docs/cutover-protocol.md");
const guide = read("docs/cutover.md");

/** The text of a heading, up to the next one of its level. */
function section(name: string, page: string = specification): string {
  const [, text = ""] = page.split(`\n## ${name}\n`);
  return text.split("\n## ")[0] ?? "";
}

/** The rows of a section's table, without its head. */
function rowsOf(name: string): string[][] {
  const lines = section(name).split("\n");
  const rows = lines.filter((line) => line.startsWith("| ")).slice(2);
  return rows.map((row) => row.slice(2, -2).split(" | "));
}

function titlesOf(path: string): string[] {
  const titles = read(path).matchAll(/\b(?:it|describe)\b.*?\(\s*\n?\s*(["`])(.+?)\1/g);
  return Array.from(titles, ([, , title]) => title as string);
}

describe("docs/cutover.md and docs/cutover-protocol.md", () => {
  it("names only files that exist, of tests and of code", () => {
    const paths = [
      ...Array.from(specification.matchAll(/`((?:test|src)\/[^` ]+)`/g), ([, path]) => path as string),
      ...rowsOf("Rules").flatMap(([, , code = ""]) =>
        Array.from(code.matchAll(/`([^`]+\.ts)`/g), ([, path]) => `src/cutover/${path}`),
      ),
    ];
    expect(paths.length).toBeGreaterThan(30);
    expect(paths.filter((path) => !existsSync(`${root}/${path}`))).toEqual([]);
  });

  it("names tests by titles that exist", () => {
    const named = section("Invariants").matchAll(/`(test\/[^`]+)`: "([^"]+)"/g);
    const missing = Array.from(named).filter(([, path = "", title = ""]) => !read(path).includes(title));
    expect(missing.map(([text]) => text)).toEqual([]);
  });

  it("names a test for each invariant, and every file of tests against lost writes", () => {
    for (const [invariant, test] of rowsOf("Invariants")) {
      expect(test, invariant).toMatch(/^(the same|`test\/[^`]+`: ")/);
    }
    const files = readdirSync(`${root}/test/cutover`)
      .filter((name) => name.endsWith(".test.ts"))
      .map((name) => `test/cutover/${name}`)
      .filter((path) => titlesOf(path).some((title) => /CUT-[36]/.test(title)));
    expect(files.length).toBeGreaterThan(2);
    expect(files.filter((path) => !section("Invariants").includes(path))).toEqual([]);
  });

  it("lists every command of the cutover, and every setting of it", () => {
    const names = allCommands.map(({ definition: { name } }) => name);
    const cutover = names.filter((name) => name.startsWith("cutover "));
    expect(cutover.filter((name) => !section("Commands", guide).includes(`\`ragfood ${name}`))).toEqual([]);
    const settings = Object.keys(cutoverGroup.variables);
    expect(settings.filter((name) => !guide.includes(`\`${name}`))).toEqual([]);
  });

  it("lists each rule that the simulator switches off, and no other", () => {
    const listed = rowsOf("Rules").flatMap(([, , , names = ""]) =>
      names.split(";").map((name) => name.trim()),
    );
    expect(new Set(listed.filter((name) => name !== ""))).toEqual(new Set(Object.keys(mutations)));
  });
});
