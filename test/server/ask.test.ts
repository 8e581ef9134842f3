import { describe, expect, it } from "vitest";
import { ServiceFaultError } from "../../src/foundation/errors.ts";
import type { Generator } from "../../src/rag/generator.ts";
import type { AnswerResponse } from "../../src/server/schemas/ask.ts";
import type { Problem } from "../../src/server/schemas/problem.ts";
import { eventsOf, testService } from "../helpers/service.ts";

const question = "What is pho?";

/** A model that answers in two pieces. */
const model: Generator = {
  name: "test model",
  async *generate() {
    yield "Pho is ";
    yield "a soup [1].";
  },
};

const broken: Generator = {
  name: "broken model",
  // biome-ignore lint/correctness/useYield: it fails before its first piece
  async *generate() {
    throw new ServiceFaultError("ollama", "The model crashed");
  },
};

describe("POST /api/ask", () => {
  it("answers with the library's answer, an id for feedback, and facts of the named food", async () => {
    const { post } = await testService();
    const response = await post("/api/ask", { question });
    expect(response.status).toBe(200);
    const answer = (await response.json()) as AnswerResponse;
    expect(answer).toMatchObject({ question, generator: "extractive", store: "embedded" });
    expect(answer.text).toContain("fragrant noodle soup");
    expect(answer.id).toMatch(/^[\w-]{8,}$/);
    expect(answer.sources[0]).toMatchObject({ number: 1, id: "pho", region: "Vietnam" });
    expect(answer.facts).toEqual([
      expect.objectContaining({
        id: "pho",
        source: 1,
        facts: expect.arrayContaining([{ role: "energy", text: "60 kcal per 100 g" }]),
      }),
    ]);
    expect(answer.plan.foods).toEqual([{ key: "food:pho", name: "Pho", ids: ["pho"] }]);
  });

  it("streams understanding, sources, facts, pieces of text and the whole answer, in this order", async () => {
    const { post } = await testService({ generators: [model] });
    const response = await post("/api/ask", { question }, { Accept: "text/event-stream" });
    expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
    const events = await eventsOf(response);
    expect(events.map(({ event }) => event)).toEqual([
      "understanding",
      "sources",
      "facts",
      "text",
      "text",
      "answer",
    ]);
    expect(events[3]?.data).toEqual({ text: "Pho is " });
    expect(events.at(-1)?.data).toMatchObject({ text: "Pho is a soup [1].", generator: "test model" });
  });

  it("says that a failed generator's text is void, and goes on with the next", async () => {
    const { post } = await testService({ generators: [broken] });
    const events = await eventsOf(await post("/api/ask", { question }, { Accept: "text/event-stream" }));
    expect(events[3]).toMatchObject({ event: "notice", data: { kind: "restart" } });
    expect(events.at(-1)?.data).toMatchObject({ generator: "extractive" });
  });

  it("ignores understood parts by the keys of the plan", async () => {
    const { post } = await testService();
    const ask = async (ignore: string[]) =>
      (await (await post("/api/ask", { question: "vegan soups", ignore, topK: 5 })).json()) as AnswerResponse;
    const all = await ask([]);
    expect(all.plan.constraints.map(({ key }) => key)).toContain("diet:vegan");
    expect(all.sources.map(({ id }) => id)).toEqual(["gazpacho"]);
    const some = await ask(["diet:vegan"]);
    expect(some.plan.constraints.map(({ key }) => key)).not.toContain("diet:vegan");
    expect(some.sources.map(({ id }) => id).sort()).toEqual(["gazpacho", "pho"]);
  });

  it.each(["/api/ask", "/api/search"])(
    "refuses to ignore parts that the question does not have: %s",
    async (path) => {
      const { post } = await testService();
      const text = path === "/api/ask" ? { question: "vegan soups" } : { text: "vegan soups" };
      const response = await post(path, { ...text, ignore: ["diet:vegan", "diet:vegann", "vegan"] });
      expect(response.status).toBe(400);
      const { detail, hint } = (await response.json()) as Problem;
      expect(detail).toBe('The question has no part to ignore with the keys "diet:vegann", "vegan".');
      expect(hint).toContain("diet:vegan");
      const again = await post(path, { ...text, ignore: ["diet:vegan", "type:soup"] });
      expect(again.status).toBe(200);
    },
  );

  it("keeps to the filter and uses the history", async () => {
    const { post } = await testService();
    const response = await post("/api/ask", {
      question: "And how much energy does it have?",
      history: [{ question, answer: "Pho is a soup [1]." }],
      filter: "region = 'Vietnam'",
    });
    expect(((await response.json()) as AnswerResponse).text).toContain("60 kcal");
  });

  it.each([
    [{}, "body.question"],
    [{ question: 7 }, "body.question"],
    [{ question, topK: 0 }, "body.topK"],
    [{ question, topk: 3 }, "body"],
    [{ question: "x".repeat(2_001) }, "body.question"],
  ])("names the place of a fault: %j", async (body, path) => {
    const { post } = await testService();
    const response = await post("/api/ask", body);
    expect(response.status).toBe(422);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    const problem = (await response.json()) as { errors: { path: string }[] };
    expect(problem).toMatchObject({ status: 422, code: "validation" });
    expect(problem.errors[0]?.path).toBe(path);
  });

  it.each<[string, Record<string, string>, number, RegExp]>([
    ["bytes that are not UTF-8", {}, 400, /not UTF-8: the byte at offset 17 /],
    ["a compressed body", { "Content-Encoding": "gzip" }, 415, /encoded with gzip/],
  ])("refuses %s, and says why", async (_, headers, status, detail) => {
    const { app } = await testService();
    const body = Buffer.concat([
      Buffer.from('{"question":"café"'.slice(0, 16)),
      Buffer.from('\xe9"}', "latin1"),
    ]);
    const response = await app.request("/api/ask", {
      method: "POST",
      body,
      headers: { "Content-Type": "application/json", ...headers },
    });
    expect(response.status).toBe(status);
    expect(((await response.json()) as { detail: string }).detail).toMatch(detail);
  });

  it.each([
    ["{", 400, "request"],
    ["", 400, "request"],
  ])("refuses a body that is not JSON: %j", async (body, status, code) => {
    const { app } = await testService();
    const headers = { "Content-Type": "application/json" };
    const response = await app.request("/api/ask", { method: "POST", body, headers });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code });
  });

  it.each([
    ['{"question":"soup","filter":"region = 1","filter":""}', 'the key "filter" occurs twice'],
    ['{"question":"soup","topK":1e999}', "outside the range of a double"],
  ])("refuses what the parser would change without a word: %s", async (body, problem) => {
    const { app } = await testService();
    const headers = { "Content-Type": "application/json" };
    for (const path of ["/api/ask", "/api/search", "/v1/chat/completions"]) {
      const response = await app.request(path, { method: "POST", body, headers });
      expect(response.status).toBe(path.startsWith("/v1") ? 400 : 422);
      expect(await response.text()).toContain(JSON.stringify(problem).slice(1, -1));
    }
  });

  it("refuses a path whose percent-encoding is not UTF-8", async () => {
    const { app } = await testService();
    for (const id of ["%ED%A0%BC", "%zz"]) expect((await app.request(`/api/foods/${id}`)).status).toBe(400);
  });

  it("refuses a body of another content type", async () => {
    const { post } = await testService();
    expect((await post("/api/ask", { question }, { "Content-Type": "text/plain" })).status).toBe(415);
  });

  it("shows where a filter does not parse, and refuses an empty question", async () => {
    const { post } = await testService();
    const filter = await post("/api/ask", { question, filter: "region = " });
    expect(filter.status).toBe(422);
    expect(await filter.json()).toMatchObject({ code: "filter", line: 1 });
    expect((await post("/api/ask", { question: "  " })).status).toBe(400);
  });
});
