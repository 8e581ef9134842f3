import { describe, expect, it } from "vitest";
import { checkAnswer } from "../../src/rag/model/check-answer.ts";
import { visiblePieces } from "../../src/rag/model/visible-text.ts";
import { answerTokens, fitPrompt, largestWindow } from "../../src/rag/model/window.ts";
import { OllamaGenerator } from "../../src/rag/ollama-generator.ts";
import type { Source } from "../../src/rag/source.ts";
import { type ChatScript, chatLine, startOllama } from "../helpers/ollama-server.ts";

function source(number: number, text: string, metadata: Record<string, unknown> = {}): Source {
  return { number, id: `${number}`, score: 1, region: "x", type: "y", text, metadata, reasons: [] };
}

const kimchi = source(1, "Kimchi is fermented cabbage from Korea. It has 15 kcal.", {
  name: "Kimchi",
  allergens: ["fish"],
  ingredients: ["cabbage", "fish sauce"],
  diet: ["gluten-free"],
});

describe("a model's answer is compared with its sources (RAG-14)", () => {
  it("passes an answer that the source supports", () => {
    const check = checkAnswer("Kimchi is fermented cabbage from Korea [1].", [kimchi]);
    expect(check).toEqual({
      text: "Kimchi is fermented cabbage from Korea [1].",
      notices: [],
      isDoubtful: false,
    });
  });

  it("removes a citation of a source that does not exist, and says so", () => {
    const check = checkAnswer("Kimchi is fermented cabbage [1][7]. It comes from Korea [2, 1].", [kimchi]);
    expect(check.text).toBe("Kimchi is fermented cabbage [1]. It comes from Korea [1].");
    expect(check.notices).toEqual(["The model cited [7], [2], which does not exist; removed."]);
  });

  it("flags a number that no source has", () => {
    const check = checkAnswer("Kimchi has 250 kcal [1].", [kimchi]);
    expect(check.notices).toContain("No source has the number 250.");
    expect(check.isDoubtful).toBe(true);
  });

  it("flags a diet and an allergen that the cited record contradicts", () => {
    expect(checkAnswer("Kimchi is a vegan cabbage from Korea [1].", [kimchi])).toMatchObject({
      notices: ["Against the sources: the answer says vegan, the record does not."],
      isDoubtful: true,
    });
    expect(checkAnswer("Kimchi from Korea is free of fish [1].", [kimchi]).notices[0]).toContain(
      "without fish",
    );
    expect(checkAnswer("Kimchi from Korea is not vegan [1].", [kimchi]).notices).toEqual([]);
  });

  it.each(["1,234", "1,234,567", "1.234.567"])("flags a number of any size: %s", (number) => {
    const check = checkAnswer(`Kimchi from Korea is eaten by ${number} people [1].`, [kimchi]);
    expect(check.notices).toContain(`No source has the number ${number}.`);
    expect(check.isDoubtful).toBe(true);
  });

  it("flags sentences that share no words with their source", () => {
    const check = checkAnswer("Dinosaurs roamed the prehistoric plains in herds [1].", [kimchi]);
    expect(check.notices[0]).toContain("the sources do not support");
    expect(check.isDoubtful).toBe(true);
  });
});

describe("what a model thinks is not a part of its answer", () => {
  async function read(...pieces: string[]): Promise<string> {
    async function* each() {
      yield* pieces;
    }
    let text = "";
    const onEmpty = () => {
      throw new Error("empty");
    };
    for await (const piece of visiblePieces(each(), onEmpty)) text += piece;
    return text;
  }

  it("leaves out <think> blocks, however they are cut into pieces", async () => {
    const text = "<think>The user asks [2].</think>\n\nKimchi is sour [1]. <think>x</think>Yes.";
    for (const size of [1, 3, 7, 100]) {
      const pieces = text.match(new RegExp(`[^]{1,${size}}`, "g")) ?? [];
      expect(await read(...pieces)).toBe("Kimchi is sour [1]. Yes.");
    }
  });

  it("keeps text that only looks like the beginning of a block", async () => {
    expect(await read("a < b <thin", " slice>")).toBe("a < b <thin slice>");
  });
});

describe("a prompt fits the model's window", () => {
  const sources = Array.from({ length: 100 }, (_, place) => source(place + 1, "Long text. ".repeat(40)));
  const request = { question: "What?", sources, history: [{ question: "A?", answer: "B [1]." }] };

  it("leaves out the last sources, and says so", () => {
    const { messages, window, notice } = fitPrompt(request);
    expect(window).toBeLessThanOrEqual(largestWindow);
    expect(notice).toMatch(/^The model was given \d+ of 100 sources/);
    expect(messages.at(-1)?.content).toContain('<source number="1"');
    expect(messages.at(-1)?.content).not.toContain('<source number="100"');
  });

  it("asks for no more than a short prompt needs", () => {
    expect(fitPrompt({ ...request, sources: sources.slice(0, 3) }).window).toBe(4_096);
  });

  it("strips old citation numbers: they mean other sources now", () => {
    expect(fitPrompt(request).messages[2]?.content).toBe("B.");
  });
});

describe("OllamaGenerator", () => {
  async function answer(script: ChatScript) {
    const { url, received } = await startOllama(script);
    const generator = new OllamaGenerator({ connection: { host: url, timeoutMs: 5_000 }, model: "m" });
    const notices: string[] = [];
    let text = "";
    const request = { question: "Kimchi?", sources: [kimchi], history: [] };
    for await (const piece of generator.generate({
      ...request,
      onNotice: (notice) => notices.push(notice),
    })) {
      text += piece;
    }
    return { text, notices, options: JSON.parse(received[0]?.body ?? "").options };
  }

  it("sets the window to what the prompt needs, bounds the answer, and reports one that was cut off", async () => {
    const { text, notices, options } = await answer((response) => {
      response.writeHead(200, { "Content-Type": "application/x-ndjson" });
      response.write(chatLine("<think>hm</think>Kimchi is ferm"));
      response.end(
        '{"model":"m","message":{"role":"assistant","content":""},"done":true,"done_reason":"length"}\n',
      );
    });
    expect(text).toBe("Kimchi is ferm");
    expect(notices).toEqual([expect.stringContaining("cut off after 768 tokens")]);
    expect(options).toEqual({ temperature: 0, num_ctx: 4_096, num_predict: answerTokens });
  });
});
