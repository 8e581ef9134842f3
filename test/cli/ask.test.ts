import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sampleFoods } from "../helpers/foods.ts";
import { answering, chatLine, startOllama } from "../helpers/ollama-server.ts";
import { project } from "../helpers/project.ts";
import { runCli, startCli } from "../helpers/run-cli.ts";
import { runHere } from "../helpers/run-here.ts";

const question = "Which curry is fiery?";
const escapeCharacter = String.fromCharCode(27);

describe("ask without a model", () => {
  it("fills the index at first use, and not again (RAG-10)", async () => {
    const { directory } = project();
    const first = await runCli(["ask", question], { directory });
    expect(first.code).toBe(0);
    expect(first.error).toContain("5 of 5 (100 %)");
    expect((await runCli(["ask", question], { directory })).error).not.toContain("Filling");
  });

  it("prints the sources, and quotes them with citations (RAG-2)", async () => {
    const { directory } = project();
    const { out } = await runHere(["ask", question], { directory });
    expect(out).toMatch(/^\[1\] India · Curry · score \d+\.\d{3}\n {4}Vindaloo is a fiery curry/m);
    expect(out).toContain("Vindaloo is a fiery curry of pork, vinegar and chilies from Goa. [1]");
    expect(out).toContain("quoted from the sources, no model · embedded index");
  });

  it("uses no colours if the output is not a terminal", async () => {
    const { directory } = project();
    expect((await runHere(["ask", question], { directory })).out).not.toContain(escapeCharacter);
  });
});

describe("ask with Ollama", () => {
  it("streams the answer, and names the model (RAG-3)", async () => {
    const { url } = await startOllama(answering("It is ", "vindaloo [1]."));
    const { directory } = project();
    const { out } = await runHere(["ask", question], { directory, environment: { OLLAMA_HOST: url } });
    expect(out).toContain("\nIt is vindaloo [1].\n\nollama llama3.2 · embedded index");
  });

  it("prints answer, generator, store and sources with --json (RAG-4)", async () => {
    const { url } = await startOllama(answering("It is ", "vindaloo [1]."));
    const { directory } = project();
    const environment = { OLLAMA_HOST: url };
    const { out } = await runHere(["ask", question, "--json"], { directory, environment });
    expect(JSON.parse(out)).toMatchObject({
      text: "It is vindaloo [1].",
      generator: "ollama llama3.2",
      store: "embedded",
      sources: [{ number: 1, id: "vindaloo" }],
    });
  });

  const stopping = () =>
    startOllama((response) => {
      response.writeHead(200, { "Content-Type": "application/x-ndjson" }).end(chatLine("It is vin"));
    });

  it("quotes the sources if Ollama stops in the middle", async () => {
    const { url } = await stopping();
    const { directory } = project();
    const { code, out, error } = await runHere(["ask", question], {
      directory,
      environment: { OLLAMA_HOST: url },
    });
    expect(code).toBe(0);
    expect(error).toContain("stopped in the middle of the answer");
    expect(out).toContain("Vindaloo is a fiery curry of pork, vinegar and chilies from Goa. [1]");
  });

  it("fails if Ollama stops and was asked for by name", async () => {
    const { url } = await stopping();
    const { directory } = project();
    const environment = { OLLAMA_HOST: url, GENERATOR: "ollama" };
    const { code, error } = await runHere(["ask", question], { directory, environment });
    expect(code).toBe(1);
    expect(error).toContain("Error: Ollama");
  });
});

describe("the data file of a question", () => {
  it("is read again when it has changed", async () => {
    const { directory, dataFile } = project();
    await runHere(["ask", "curry"], { directory });
    const more = [...sampleFoods, { id: "new", text: "Durian is a smelly fruit." }];
    writeFileSync(dataFile, JSON.stringify(more));
    const { out } = await runHere(["ask", "smelly fruit"], { directory });
    expect(out).toContain("Durian is a smelly fruit.");
  });

  it("is only reported if it is another one than the index was filled from", async () => {
    const { directory } = project();
    await runHere(["ask", "curry"], { directory });
    writeFileSync(join(directory, "other.json"), JSON.stringify([{ id: "1", text: "Kale is a green." }]));
    const environment = { JSON_FILE: "other.json" };
    const { out, error } = await runHere(["ask", "green kale"], { directory, environment });
    expect(error).toContain("ragfood ingest --prune");
    expect(out).toContain("nothing relevant");
  });

  it("is reported if it does not exist", async () => {
    const { directory } = project();
    await runHere(["ask", "curry"], { directory });
    const gone = { directory, environment: { JSON_FILE: "gone.json" } };
    expect((await runHere(["ask", "green kale"], gone)).error).toContain(
      "gone.json, which JSON_FILE names, does not exist.",
    );
  });

  it("is completed if filling the index was interrupted", async () => {
    const { directory } = project();
    const many = Array.from({ length: 5_000 }, (_, n) => ({ id: `${n}`, text: `food number ${n}` }));
    writeFileSync(join(directory, "foods.json"), JSON.stringify(many));
    const running = startCli(["search", "4999"], { directory });
    await running.printed("Filling");
    running.kill("SIGKILL");
    await running.finished;
    expect((await runHere(["search", "4999"], { directory })).out).toContain("food number 4999");
  });

  it("does not replace records that came from another file", async () => {
    const { directory } = project();
    const other = join(directory, "other.json");
    writeFileSync(other, JSON.stringify(sampleFoods));
    await runHere(["ingest", other, "--namespace", "mine"], { directory });
    const { out, error } = await runHere(["search", "fiery curry"], {
      directory,
      environment: { NAMESPACE: "mine" },
    });
    expect(error).toContain("ragfood ingest --prune");
    expect(out).toContain("Vindaloo");
  });
});
