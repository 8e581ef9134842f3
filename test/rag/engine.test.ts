import { describe, expect, it } from "vitest";
import { ConnectionError, ServiceFaultError, UsageError } from "../../src/foundation/errors.ts";
import type { AnswerEvent } from "../../src/rag/answer.ts";
import { Conversation } from "../../src/rag/conversation.ts";
import { nothingFound, type RagEngine, type RagEngineOptions } from "../../src/rag/engine.ts";
import { exclusionAdvice } from "../../src/rag/exclusion.ts";
import { ExtractiveGenerator } from "../../src/rag/extractive-generator.ts";
import { parseFilter } from "../../src/store/filter.ts";
import { foodEngine } from "../helpers/food-engine.ts";
import { sampleFoods } from "../helpers/foods.ts";
import { ScriptedGenerator } from "../helpers/scripted-generator.ts";

async function engine(options: Partial<RagEngineOptions> = {}): Promise<RagEngine> {
  return (await foodEngine(options)).engine;
}

async function collect(events: AsyncIterable<AnswerEvent>): Promise<AnswerEvent[]> {
  const all: AnswerEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

describe("RagEngine", () => {
  it("gives sources with number, score, region, type and the original text, never the enriched one (RAG-2, RAG-3)", async () => {
    const generator = new ScriptedGenerator("scripted", ["It is vindaloo [1]."]);
    const answer = await (await engine({ generators: [generator] })).ask("Which curry is fiery?");
    expect(answer.sources[0]).toMatchObject({
      number: 1,
      id: "vindaloo",
      region: "India",
      type: "Curry",
      text: sampleFoods[0]?.text,
    });
    expect(generator.requests[0]?.sources[0]?.text).toBe(sampleFoods[0]?.text);
  });

  it("returns answer, sources, store, generator and timings (RAG-4)", async () => {
    const generator = new ScriptedGenerator("scripted", ["It is ", "vindaloo [1]."]);
    const answer = await (await engine({ generators: [generator] })).ask("Which curry is fiery?");
    expect(answer).toMatchObject({
      question: "Which curry is fiery?",
      text: "It is vindaloo [1].",
      store: "embedded",
      generator: "scripted",
      notices: [],
    });
    expect(answer.timings.total).toBeGreaterThanOrEqual(answer.timings.retrieval);
  });

  it("shows the sources before the first piece of text", async () => {
    const events = await collect((await engine()).stream("Which curry is fiery?"));
    expect(events.map(({ kind }) => kind).slice(0, 3)).toEqual(["sources", "generator", "text"]);
    expect(events.at(-1)?.kind).toBe("answer");
  });

  it("says that nothing was found and asks no generator (RAG-5)", async () => {
    const generator = new ScriptedGenerator("scripted", ["made up"]);
    const asked = await engine({ generators: [generator] });
    for (const question of ["How do I repair my bicycle in winter?", "the", "quantum entanglement"]) {
      expect(await asked.ask(question)).toMatchObject({
        text: expect.stringContaining(nothingFound),
        sources: [],
        generator: "none",
      });
    }
    expect(generator.requests).toEqual([]);
  });

  it("says why a filter leaves nothing to find, in the answer's notices too", async () => {
    const asked = await engine();
    const options = { filter: parseFilter("region = 'Inda'") };
    const advice = "No food has region 'Inda'. Did you mean India?";
    const events = await collect(asked.stream("fiery curry", options));
    expect(events.map(({ kind }) => kind)).toEqual(["sources", "text", "advice", "answer"]);
    expect(await asked.ask("fiery curry", options)).toMatchObject({
      text: expect.stringContaining(nothingFound),
      notices: [advice],
    });
    expect(await asked.explainNothing({ namespace: "none" })).toEqual(["There is no namespace 'none'."]);
  });

  it("warns that a search ignores exclusions, unless a filter applies them", async () => {
    const asked = await engine();
    const question = "a fiery curry, no vinegar";
    const events = await collect(asked.stream(question));
    expect(events.map(({ kind }) => kind).slice(-2)).toEqual(["advice", "answer"]);
    expect((await asked.ask(question)).notices).toEqual([
      "These foods were not checked for what you leave out: vinegar. Check the ingredients yourself.",
    ]);
    expect((await asked.ask(question, { literal: true })).notices).toEqual([exclusionAdvice]);
    const filter = parseFilter("region = 'India'");
    expect((await asked.ask(question, { filter })).notices).toEqual([]);
  });

  it("refuses a blank question, also one that follows another", async () => {
    const asked = await engine();
    const history = [{ question: "fiery curry", answer: "vindaloo" }];
    await expect(asked.ask("")).rejects.toThrow(UsageError);
    await expect(asked.ask(" \n", { history })).rejects.toThrow("The question is empty.");
    await expect(asked.retrieve(" ")).rejects.toThrow(UsageError);
  });

  it("gives the original text once, and not among the metadata again", async () => {
    const [source] = await (await engine()).retrieve("fiery curry");
    expect(source?.metadata).toEqual({ region: "India", type: "Curry", energy: 180, diet: ["gluten-free"] });
  });

  it("leaves out matches below the minimum score", async () => {
    const found = await (await engine({ isLexical: false })).retrieve("soft soup or cheese");
    const [best, second] = found.map(({ score }) => score) as [number, number];
    const strict = await engine({ isLexical: false, minimumScore: (best + second) / 2 });
    expect(await strict.retrieve("soft soup or cheese")).toHaveLength(1);
  });

  it("filters, and takes another top-k", async () => {
    const asked = await engine();
    const filter = parseFilter("type = 'Soup'");
    const sources = await asked.retrieve("cold soup of tomatoes", { filter, topK: 1 });
    expect(sources.map(({ type }) => type)).toEqual(["Soup"]);
  });

  it("tries the next generator if one fails, with a notice; text written before is discarded", async () => {
    const failing = new ScriptedGenerator(
      "first",
      ["half an ans"],
      new ServiceFaultError("ollama", "It stopped.", { hint: "Ask again." }),
    );
    const answer = await (
      await engine({ generators: [failing, new ScriptedGenerator("second", ["whole"])] })
    ).ask("fiery curry");
    expect(answer).toMatchObject({ text: "whole", generator: "second", notices: ["It stopped. Ask again."] });
  });

  it("throws what the last generator throws", async () => {
    const failing = new ScriptedGenerator("only", [], new ConnectionError("ollama", "Nobody answers."));
    await expect((await engine({ generators: [failing] })).ask("fiery curry")).rejects.toThrow(
      "Nobody answers.",
    );
  });

  it("throws a generator's own mistake at once", async () => {
    const broken = new ScriptedGenerator("broken", [], new TypeError("a bug"));
    await expect(
      (await engine({ generators: [broken, new ExtractiveGenerator()] })).ask("fiery curry"),
    ).rejects.toThrow("a bug");
  });
});

describe("Conversation", () => {
  it("passes on the history, and searches with the previous question if the new one refers to it (RAG-11)", async () => {
    const generator = new ScriptedGenerator("scripted", ["An answer."]);
    const conversation = new Conversation(await engine({ generators: [generator] }));
    await collect(conversation.ask("Which fiery curry comes from India?"));
    const events = await collect(conversation.ask("Is it gluten-free?"));
    expect(generator.requests[1]?.history).toMatchObject([
      { question: "Which fiery curry comes from India?", answer: "An answer." },
    ]);
    expect(generator.requests[1]?.question).toBe("Is it gluten-free?");
    const sources = events.find((event) => event.kind === "sources");
    expect(sources?.kind === "sources" && sources.sources[0]?.id).toBe("vindaloo");
  });

  it("forgets the oldest exchange after six", async () => {
    const generator = new ScriptedGenerator("scripted", ["An answer."]);
    const conversation = new Conversation(await engine({ generators: [generator] }));
    for (let turn = 1; turn <= 9; turn++) await collect(conversation.ask(`fiery curry number ${turn}`));
    expect(generator.requests.at(-1)?.history.map(({ question }) => question.at(-1))).toEqual([
      "3",
      "4",
      "5",
      "6",
      "7",
      "8",
    ]);
  });
});
