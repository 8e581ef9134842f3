import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { CommandDefinition } from "../../src/cli/command.ts";
import { allCommands } from "../helpers/commands.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const definitions = allCommands.map(({ definition }) => definition);

/** `--help` is answered before the arguments of a command are parsed. */
const common = new Set(["help", "version", "json"]);

/** Options of other programs that messages and documents name. */
const others =
  /\bNODE_OPTIONS="[^"]*"|\bnpm run [^`\n]*|\b(?:npm|npx|node|docker|curl|git|openssl|pip|vitest|ulimit)\b[^`\n|&;]*/g;

/** Of npm, where the program is not on the same line. */
const ownedByOthers = new Set(["omit", "silent"]);

/** Options that the programs of benchmarks, soaks and rehearsals parse; documents list them in tables. */
const ofPrograms: ReadonlySet<string> = new Set(
  ["bench", "test/rehearsal", "test/cutover/simulator"]
    .flatMap((directory) =>
      readdirSync(`${root}/${directory}`, { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts"))
        .map((file) => readFileSync(`${root}/${directory}/${file}`, "utf8")),
    )
    .flatMap((source) =>
      Array.from(
        source.matchAll(/^\s+"?([a-z-]+)"?: \{\s*type: "(?:string|boolean)"/gm),
        ([, name]) => name as string,
      ),
    ),
);

/** Not a decrement, and not a name that is put together. */
const option = /(?<![\w(=-])--([a-z][a-z0-9]*(?:-[a-z0-9]+)*)(?![\w$-])/g;

function takes({ options }: CommandDefinition, name: string): boolean {
  const positive = name.replace(/^no-/, "");
  const flag = Object.hasOwn(options, positive) ? options[positive] : undefined;
  return (
    Object.hasOwn(options, name) || (name !== positive && flag?.type === "flag" && flag.default === true)
  );
}

/** The command that the words of a line name; the longest name wins: `migrate run` before `migrate`. */
function commandOf(words: string): CommandDefinition | undefined {
  const [first, second] = words.trim().split(/\s+/);
  const named = (name: string) => definitions.find((definition) => definition.name === name);
  const isGroup = definitions.some(({ name }) => name.startsWith(`${first} `));
  const byDefault = { queue: "queue status", evaluate: "evaluate ranking" }[first ?? ""];
  return isGroup ? (named(`${first} ${second}`) ?? named(byDefault ?? "")) : named(first ?? "");
}

/** The options in a text that no command takes, or not the command that is named before them. */
function unknownOptions(text: string, alsoKnown: ReadonlySet<string> = new Set()): string[] {
  const found: string[] = [];
  for (const line of text.split("\n")) {
    const rest = line.replace(/\bragfood (?!ragfood )([a-z][a-z-]*[^`|&;#"\n]*)/g, (whole, words: string) => {
      const command = commandOf(words);
      // Without an action that is named, `ragfood migrate --salvage` means any of them.
      const group = definitions.filter(({ name }) => name.split(" ")[0] === words.trim().split(/\s+/)[0]);
      const candidates = command ? [command] : group;
      if (candidates.length === 0) return whole;
      for (const [, name = ""] of words.matchAll(option)) {
        if (common.has(name) || candidates.some((candidate) => takes(candidate, name))) continue;
        found.push(`--${name} in: ragfood ${words.trim()}`);
      }
      return "";
    });
    for (const [, name = ""] of rest.replace(others, "").matchAll(option)) {
      if (
        common.has(name) ||
        ownedByOthers.has(name) ||
        alsoKnown.has(name) ||
        definitions.some((definition) => takes(definition, name))
      )
        continue;
      found.push(`--${name} in: ${line.trim()}`);
    }
  }
  return found;
}

/** Source text without comments: what is left of options are hints and messages. */
function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

const documents = [
  ...readdirSync(`${root}/docs`, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .map((file) => `docs/${file}`),
  "README.md",
  ".env.example",
];

const sources = readdirSync(`${root}/src`, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !file.startsWith("embedded/kernel/assembly"))
  // The arguments of git.
  .filter((file) => file !== "security/scan/git.ts")
  .map((file) => `src/${file}`);

describe("every option that is named exists", () => {
  it.each(documents)("every option that %s names exists", (file) => {
    expect(unknownOptions(readFileSync(`${root}/${file}`, "utf8"), ofPrograms)).toEqual([]);
  });

  it("in the hints and messages of the source", () => {
    const found = sources.flatMap((file) =>
      unknownOptions(withoutComments(readFileSync(`${root}/${file}`, "utf8"))).map(
        (fault) => `${file}: ${fault}`,
      ),
    );
    expect(found).toEqual([]);
  });

  it("in the examples of the help texts, where a command names itself", () => {
    const lines = definitions.flatMap(({ examples }) => examples.map(([line]) => line));
    expect(lines.flatMap((line) => unknownOptions(line))).toEqual([]);
    for (const { name, examples } of definitions) {
      const [group = ""] = name.split(" ");
      expect(
        examples.every(([line]) => line.includes(`ragfood ${group}`)),
        name,
      ).toBe(true);
    }
  });

  it("a flag that a command lacks is found, by the command or by any", () => {
    expect(unknownOptions("run `ragfood search soup --prune` again")).toEqual([
      "--prune in: ragfood search soup --prune",
    ]);
    expect(unknownOptions("docker compose exec ragfood ragfood doctor --prune")).toHaveLength(1);
    expect(unknownOptions("add --no-such-flag")).toHaveLength(1);
    expect(unknownOptions("add --salvage, or npm start --silent")).toEqual([]);
  });
});
