import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { commands, nameOf } from "../src/cli/commands.ts";
import { deadAddress } from "./helpers/http-server.ts";
import { runHere } from "./helpers/run-here.ts";
import { temporaryDirectory } from "./helpers/temporary.ts";

const read = (file: string) => readFileSync(fileURLToPath(new URL(`../${file}`, import.meta.url)), "utf8");
const readme = read("README.md");
const blocksOf = (document: string) =>
  Array.from(document.matchAll(/^```\n(.*?)^```/gms), ([, block]) => block as string);

/** The words of a command line, quoted in the manner of a shell. */
function wordsOf(line: string): string[] {
  return Array.from(line.matchAll(/"([^"]*)"|(\S+)/g), ([, quoted, plain]) => quoted ?? (plain as string));
}

describe("README.md, docs/answers.md and docs/cli.md (DOC-1)", () => {
  it("shows what its first command prints", async () => {
    const blocks = blocksOf(readme);
    const place = blocks.findIndex((block) => block.includes("npm start --silent -- ask"));
    const [, words = ""] = /npm start --silent -- (ask .*)/.exec(blocks[place] ?? "") ?? [];
    const shown = blocks[place + 1] ?? "";
    // Ollama may run where the tests do.
    const host = await deadAddress();
    const { code, out, error } = await runHere(wordsOf(words), {
      directory: temporaryDirectory(),
      environment: { OLLAMA_HOST: host },
    });
    expect(code).toBe(0);
    const timeless = (text: string) => text.replace(/[\d.]+ ms/g, "… ms");
    const note = shown.split("\n").find((line) => line.endsWith("Quoting the sources instead.")) ?? "";
    expect(timeless(out)).toBe(timeless(shown.replace(`${note}\n`, "")));
    expect(error).toContain(note.replace("http://127.0.0.1:11434", host));
  });

  it("shows what other questions print (RAG-12, RAG-13)", async () => {
    const directory = temporaryDirectory();
    const transcripts = blocksOf(read("docs/answers.md")).filter((block) =>
      block.startsWith("$ ragfood ask "),
    );
    expect(transcripts.length).toBeGreaterThan(2);
    for (const block of transcripts) {
      const [line = "", ...shown] = block.split("\n");
      const words = wordsOf(line.slice("$ ragfood ".length));
      const { out } = await runHere(words, { directory, environment: { GENERATOR: "extractive" } });
      const timeless = (text: string) => text.replace(/[\d.]+ ms/g, "… ms").trim();
      expect(timeless(out), line).toBe(timeless(shown.join("\n")));
    }
  });

  it("gives examples that find something in the shipped foods", async () => {
    const documents = [readme, read("docs/cli.md")].join("\n");
    const lines = documents.split("\n").filter((line) => /^ragfood (?:ask|search) /.test(line));
    expect(lines.length).toBeGreaterThan(1);
    const directory = temporaryDirectory();
    for (const line of lines) {
      const { out } = await runHere([...wordsOf(line).slice(1), "--json"], {
        directory,
        environment: { GENERATOR: "extractive" },
      });
      expect(JSON.parse(out).sources, line).not.toEqual([]);
    }
  });

  it("names every command, and no other", () => {
    const rows = read("docs/cli.md")
      .split("\n")
      .filter((line) => /^\| `\w/.test(line));
    const named = rows.flatMap((row) =>
      Array.from((row.split("|")[1] ?? "").matchAll(/`(\w+)/g), ([, name]) => name),
    );
    expect(named.sort()).toEqual(commands.map(nameOf).sort());
  });
});
