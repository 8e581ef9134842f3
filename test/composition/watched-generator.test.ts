import { expect, it } from "vitest";
import { type ModelReport, WatchedGenerator } from "../../src/composition/watched-generator.ts";
import { InvalidRequestError, TimeoutError } from "../../src/foundation/errors.ts";
import { ModelHealth } from "../../src/operations/status/model-health.ts";
import { RagEngine } from "../../src/rag/engine.ts";
import { ExtractiveGenerator } from "../../src/rag/extractive-generator.ts";
import type { GenerationRequest, Generator } from "../../src/rag/generator.ts";
import { testService } from "../helpers/service.ts";

const request: GenerationRequest = { question: "soup?", sources: [], history: [] };

/** A model that fails with each of these in turn, and then answers. */
function failing(...errors: readonly Error[]) {
  const left = [...errors];
  let calls = 0;
  const generator: Generator = {
    name: "ollama m",
    isModel: true,
    async *generate() {
      calls++;
      const error = left.shift();
      if (error) throw error;
      yield "Soup.";
    },
  };
  return { generator, calls: () => calls };
}

async function text(pieces: AsyncIterable<string>): Promise<string> {
  let all = "";
  for await (const piece of pieces) all += piece;
  return all;
}

const slow = () => new TimeoutError("ollama", "Ollama gave no answer for 8 s.");

function watched(...errors: readonly Error[]) {
  const clock = { now: 0 };
  const reports: ModelReport[] = [];
  const { generator, calls } = failing(...errors);
  const model = new WatchedGenerator(
    generator,
    (report) => reports.push(report),
    () => clock.now,
  );
  const ask = async () => {
    try {
      return await text(model.generate(request));
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  return { clock, reports, calls, model, ask };
}

it("pauses a model after two failures in a row, so that the next question does not wait for it", async () => {
  const { ask, clock, calls, reports } = watched(slow(), slow(), slow());
  expect([await ask(), await ask(), await ask()]).toEqual(["timeout", "timeout", "circuit-open"]);
  expect(calls()).toBe(2);
  clock.now = 5_000;
  expect([await ask(), await ask()]).toEqual(["timeout", "circuit-open"]);
  clock.now = 15_000;
  expect(await ask()).toBe("Soup.");
  expect(await ask()).toBe("Soup.");
  expect(reports.map(({ outcome }) => outcome).join(" ")).toBe(
    "timeout timeout circuit-open timeout circuit-open ok ok",
  );
});

it("does not blame a model for a request that it refuses", async () => {
  const refused = () => new InvalidRequestError("ollama", "The prompt is too long.");
  const { ask } = watched(refused(), refused(), refused());
  expect([await ask(), await ask(), await ask(), await ask()].at(-1)).toBe("Soup.");
});

it("quotes the next question at once while the model is paused, and says why", async () => {
  const { model, calls } = watched(slow(), slow(), slow());
  const { parts } = await testService();
  const engine = new RagEngine({
    store: parts.store,
    generators: [model, new ExtractiveGenerator()],
    topK: 3,
    isLexical: true,
  });
  for (let count = 0; count < 3; count++) await engine.ask("Which soup has noodles?");
  const { generator, notices } = await engine.ask("Which soup has noodles?");
  expect(calls()).toBe(2);
  expect(generator).toBe("extractive");
  expect(notices.join()).toContain("is not asked for a moment. Last failure: Ollama gave no answer for 8 s.");
});

it("reports a model that fails: in the status, once in the log, and after a minute as an alert", async () => {
  const clock = { now: Date.UTC(2026, 5, 10) };
  const changes: string[] = [];
  const health = new ModelHealth({
    isExpected: true,
    onChange: (isFailing, sentence) => changes.push(`${isFailing}: ${sentence}`),
    now: () => clock.now,
  });
  expect(health.section().condition).toBe("unknown");
  const fail = () =>
    health.record({ generator: "ollama m", outcome: "timeout", problem: "It gave no answer." });
  for (let count = 0; count < 5; count++) fail();
  const sentence = "The model ollama m fails, and answers are quoted from the records: It gave no answer";
  expect(health.section()).toMatchObject({ condition: "warning", sentence });
  expect(health.check.run()).toBe("unknown");
  clock.now += 60_000;
  expect(health.check.run()).toMatchObject({ key: "model", severity: "ticket", sentence: `${sentence}.` });
  health.record({ generator: "ollama m", outcome: "ok" });
  expect([health.section().condition, health.check.run()]).toEqual(["good", "good"]);
  expect(changes).toEqual([`true: ${sentence}`, "false: ollama m answers"]);
});

it("shows in the status who answers, the last failure, and until when the model is not asked", async () => {
  const begin = Date.UTC(2026, 5, 10);
  const times = { now: begin };
  const health = new ModelHealth({ isExpected: true, isReplaced: false, now: () => times.now });
  const { generator } = failing(slow(), slow());
  const model = new WatchedGenerator(
    generator,
    (report) => health.record(report),
    () => times.now,
  );
  const ask = () => text(model.generate(request)).catch(() => {});
  await ask();
  const problem = "Ollama gave no answer for 8 s.";
  const lastFailure = { time: new Date(begin).toISOString(), problem };
  expect(health.section().details).toMatchObject({ answers: "nobody", lastFailure, pausedUntil: null });
  expect(health.section().sentence).toBe(
    "The model ollama m failed once, and is asked again: Ollama gave no answer for 8 s",
  );
  await ask();
  expect(health.section().details).toMatchObject({ pausedUntil: new Date(begin + 5_000).toISOString() });
  expect(health.section().sentence).toMatch(/^The model ollama m fails, and questions fail: /);
  times.now += 5_000;
  await ask();
  const lastAnswer = new Date(times.now).toISOString();
  expect(health.section().details).toEqual({
    generator: "ollama m",
    answers: "model",
    lastAnswer,
    lastFailure,
    pausedUntil: null,
  });
});

it("is well without a model if none is used", () => {
  const { condition, sentence } = new ModelHealth({ isExpected: false, isUsed: false }).section();
  expect([condition, sentence]).toEqual([
    "good",
    "No language model is used: answers are quoted from the records",
  ]);
});

it("raises nothing for a model that nobody set up and that never answered", () => {
  const health = new ModelHealth({ isExpected: false, onChange: () => expect.unreachable() });
  for (let count = 0; count < 3; count++) health.record({ generator: "ollama m", outcome: "connection" });
  expect(health.section().condition).toBe("good");
  expect(health.check.run()).toBe("unknown");
});
