import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { printAnswer } from "../../src/cli/render.ts";
import { Terminal } from "../../src/cli/terminal.ts";
import type { AnswerEvent } from "../../src/rag/answer.ts";
import { summarizePlan } from "../../src/rag/understanding/describe.ts";
import { literalPlan } from "../../src/rag/understanding/plan.ts";
import { chatLine, startOllama } from "../helpers/ollama-server.ts";
import { project } from "../helpers/project.ts";
import { main } from "../helpers/run-cli.ts";
import { runHere } from "../helpers/run-here.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

const escapeCode = String.fromCharCode(27);

/** A terminal of so many columns, or a file if there are none, that keeps what it is given. */
function recorded(columns?: number, options: { takesEscapes?: boolean } = {}) {
  let text = "";
  const stream = {
    isTTY: columns !== undefined,
    columns,
    write: (piece: string) => {
      text += piece;
    },
  };
  const out = stream as unknown as NodeJS.WriteStream;
  return {
    terminal: new Terminal({ out, error: out, useColor: false, ...options }),
    text: () => text,
    stream,
  };
}

async function* answered(pieces: readonly string[], generator: string): AsyncGenerator<AnswerEvent> {
  yield { kind: "generator", name: generator };
  for (const piece of pieces) yield { kind: "text", text: piece };
  const text = pieces.join("");
  const timings = { understanding: 0, retrieval: 1, generation: 1, total: 2 };
  yield {
    kind: "answer",
    answer: {
      question: "",
      text,
      sources: [],
      plan: summarizePlan(literalPlan("")),
      understood: [],
      store: "s",
      generator,
      notices: [],
      timings,
    },
  };
}

describe("--json", () => {
  // A bell, a C1 control, an override, a mark, a zero-width space, a separator, a tag, half of a pair.
  const strange = "a\u0007\u009b\u202e\u200e\u061c\u200b\u2028\u{e0041}\ud800b";

  it("escapes what steers a terminal or is invisible, so that ids stay what they are (A14)", () => {
    const { terminal, text } = recorded();
    terminal.json({ id: strange, [strange]: [strange] });
    expect(text()).toMatch(/^[\n -~]*$/);
    expect(JSON.parse(text())).toEqual({ id: strange, [strange]: [strange] });
  });

  it("writes one line of JSON for one value", () => {
    const { terminal, text } = recorded();
    terminal.jsonLine({ text: "a\nb\u2028c" });
    expect(text()).toBe('{"text":"a\\nb\\u2028c"}\n');
  });

  it("keeps the digits of an integer beyond 2^53", () => {
    const { terminal, text } = recorded();
    terminal.json({ tweet: 1610521604143693812n, list: [], nothing: Number.NaN, missing: undefined });
    expect(text()).toBe('{\n  "tweet": 1610521604143693812,\n  "list": [],\n  "nothing": null\n}\n');
  });
});

describe("text from outside on a terminal (A15)", () => {
  it("cannot begin a line: line ends of every kind are blanks", () => {
    const { terminal, text } = recorded();
    terminal.line("name\nError: forged\r\n[9] Fake\u2028x\u0085y");
    terminal.note("namespace\nwarn  forged");
    expect(text()).toBe("name Error: forged [9] Fake x y\nnamespace warn  forged\n");
  });

  it("is shown without invisible characters; emoji and joined scripts stay whole", () => {
    const { terminal, text } = recorded();
    terminal.line("a\u200e\u200f\u061c\u200b\u2060\ufeff\u00ad\u{e0041}\u3164b 👩‍🍳 می‌خواهم");
    expect(text()).toBe("ab 👩‍🍳 می‌خواهم\n");
  });

  it("in a quoted record forges no source and no message", async () => {
    const { terminal, text } = recorded();
    await printAnswer(
      answered(["Good\n[9] Fake\nError: gone. [1]", "\nBetter. [2]"], "extractive"),
      terminal,
    );
    expect(text()).toMatch(/^Good \[9\] Fake Error: gone\. \[1\]\nBetter\. \[2\]\n\nquoted/);
  });

  it("nor in the answer of a model, however it is split into pieces", async () => {
    const { terminal, text } = recorded();
    const pieces = [..."Good.\n[9] Fake\n\nError: gone\r[3] x\u2028FAIL  y"];
    await printAnswer(answered(pieces, "ollama x"), terminal);
    expect(text()).toMatch(
      /^Good\.\n {2}\[9\] Fake\n\n {2}Error: gone\n {2}\[3\] x\n {2}FAIL {2}y\n\nollama x/,
    );
  });

  it("is bounded if a model does not stop writing", async () => {
    const { url } = await startOllama((response) => {
      response.writeHead(200, { "Content-Type": "application/x-ndjson" });
      const write = () => {
        while (!response.destroyed && response.write(chatLine("word ".repeat(1_000))));
      };
      response.on("drain", write);
      write();
    });
    const { directory } = project();
    const environment = { OLLAMA_HOST: url, GENERATOR: "ollama" };
    const { code, out } = await runHere(["ask", "Which curry is fiery?", "--json"], {
      directory,
      environment,
    });
    expect(code).toBe(0);
    const answer = JSON.parse(out) as { text: string; notices: string[] };
    expect(answer.text).toHaveLength(32_000);
    expect(answer.notices).toContainEqual(expect.stringContaining("more than 32,000 characters"));
  });

  it("in an error of a service is indented", async () => {
    const directory = temporaryDirectory();
    const environment = { JSON_FILE: "a\nError: forged.json" };
    const { error } = await runHere(["ingest"], { directory, environment });
    expect(error.match(/^Error:/gm)).toHaveLength(1);
  });
});

describe("the width of the terminal", () => {
  it("breaks lines at words, and indents what follows as the line", () => {
    const { terminal, text } = recorded(20);
    terminal.line("  one two three four five six");
    terminal.note("seven eight nine ten eleven");
    expect(text()).toBe("  one two three four\n  five six\nseven eight nine ten\neleven\n");
  });

  it("counts wide characters as two columns", () => {
    const { terminal, text } = recorded(10);
    terminal.line("韓国 料理 とても");
    expect(text()).toBe("韓国 料理\nとても\n");
  });

  it("holds for an answer that comes in pieces", async () => {
    const { terminal, text } = recorded(20);
    await printAnswer(answered([..."Pho is a noodle soup with beef and herbs."], "ollama x"), terminal);
    expect(text()).toMatch(/^Pho is a noodle soup\nwith beef and herbs\.\n\n/);
  });

  it("leaves output that is not a terminal unbroken", async () => {
    const { terminal, text } = recorded();
    const long = "word ".repeat(60).trim();
    terminal.line(long);
    await printAnswer(answered([long], "ollama x"), terminal);
    expect(text()).toMatch(new RegExp(`^${long}\n${long}\n\n`));
  });

  it("keeps progress of any length on one line, and follows a change", () => {
    const { terminal, text, stream } = recorded(30);
    terminal.progress("Filling the index from a long path", 1, 765);
    stream.columns = 20;
    terminal.progress("Filling the index from a long path", 2, 765);
    const shown = text().split(`\r${escapeCode}[2K`).slice(1);
    expect(shown).toEqual(["Filling the index from a lon…", "Filling the index …"]);
  });

  it("a dumb terminal gets plain lines of progress, without codes", () => {
    const { terminal, text } = recorded(80, { takesEscapes: false });
    terminal.progress("Reading", 1, 10);
    terminal.progress("Reading", 2, 10);
    terminal.progress("Reading", 10, 10);
    expect(text()).toBe("Reading: 1 of 10 (10 %)\nReading: 10 of 10 (100 %)\n");
  });
});

describe("a reader that goes away", () => {
  /** The exit code of a command whose standard output, and optionally error, is closed. */
  async function unread(words: string[], directory: string, streams: readonly ("stdout" | "stderr")[]) {
    const environment = { PATH: process.env.PATH ?? "", OLLAMA_HOST: "127.0.0.1:9", GENERATOR: "ollama" };
    const child = spawn(process.execPath, [main, ...words], { cwd: directory, env: environment });
    for (const stream of streams) child[stream].destroy();
    const [code] = await once(child, "exit");
    return code;
  }

  it.each([[["doctor"]], [["doctor", "--json"]]])(
    "does not turn the failure of %j into success",
    async (words) => {
      expect(await unread(words, temporaryDirectory(), ["stdout"])).toBe(1);
    },
  );

  it("does not turn success into failure", async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "foods.json"), '[{"id":"1","text":"kimchi"}]');
    expect(await unread(["ingest", "foods.json"], directory, ["stdout", "stderr"])).toBe(0);
  });
});
