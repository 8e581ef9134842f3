import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { commands, nameOf } from "../../src/cli/commands.ts";
import { parseWords } from "../../src/cli/parse.ts";
import { UsageError } from "../../src/foundation/errors.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

const documents = [
  "README.md",
  ...readdirSync(`${root}/docs`)
    .filter((file) => file.endsWith(".md"))
    .map((file) => `docs/${file}`),
];

/** Everything before the words of a command: settings, npm or Docker. */
const beforeCommand =
  /^(?:\$ )?(?:[A-Z_]+=\S+ )*(?:npm start --silent -- |docker compose (?:exec|run) .*?\bragfood (?:ragfood )?|ragfood )/;

/** The commands of the code blocks of a document, without the shell's comments, pipes and redirections. */
function commandsOf(document: string): string[] {
  return Array.from(document.matchAll(/^```(?:sh)?\n(.*?)^```/gms), ([, block]) => block as string)
    .flatMap((block) => block.replace(/\\\n\s*/g, "").split("\n"))
    .flatMap((line) => line.split(" && "))
    .filter((line) => beforeCommand.test(line))
    .map((line) => line.replace(beforeCommand, "").replace(/\s+(?:#|>|\||&).*$/, ""));
}

/** The words of a command line, quoted in the manner of a shell. */
function wordsOf(line: string): string[] {
  return Array.from(line.matchAll(/((?:"[^"]*"|'[^']*'|[^\s"'])+)/g), ([word]) => word.replace(/["']/g, ""));
}

/** What the command line says about a command that it cannot run; `undefined` if it can. */
function faultOf(line: string): string | undefined {
  const [name, ...rest] = wordsOf(line);
  const entry = commands.find((candidate) => nameOf(candidate) === name);
  if (entry === undefined) return `no command ${name}`;
  try {
    if (!("actions" in entry)) parseWords(rest, entry.definition);
    else {
      const isNamed = (action: string | undefined) =>
        entry.actions.find(({ definition }) => definition.name === `${name} ${action}`);
      const action = isNamed(rest[0]);
      const command = action ?? isNamed(entry.defaultAction);
      if (command === undefined) return `no action ${rest[0]}`;
      parseWords(action === undefined ? rest : rest.slice(1), command.definition);
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.message;
  }
}

describe("every command of a code block can be pasted into a shell (DOC-1)", () => {
  it.each(documents)("every command of %s can be pasted into a shell", (file) => {
    const faults = commandsOf(readFileSync(`${root}/${file}`, "utf8")).flatMap((line) => {
      const fault = faultOf(line);
      return fault === undefined ? [] : [`${line}: ${fault}`];
    });
    expect(faults).toEqual([]);
  });

  it("finds the commands, and a word that is no part of one", () => {
    const block = [
      "```sh",
      "$ ragfood search soup --region=Spain > found.txt",
      'STORE=chroma ragfood ask "Is it hot?" # a comment',
      "docker compose exec ragfood ragfood doctor",
      "npm ci && npm start --silent -- info",
      "```",
    ].join("\n");
    const lines = commandsOf(`${block}\n`);
    expect(lines).toEqual(["search soup --region=Spain", 'ask "Is it hot?"', "doctor", "info"]);
    expect(lines.map(faultOf)).toEqual([undefined, undefined, undefined, undefined]);
    expect(faultOf("cost --live     what was billed")).toContain("what");
    expect(faultOf("keys frobnicate")).toBe("no action frobnicate");
  });
});
