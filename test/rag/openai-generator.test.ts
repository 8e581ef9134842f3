import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { OpenAiGenerator } from "../../src/rag/openai-generator.ts";
import { startServer } from "../helpers/http-server.ts";

const source = {
  number: 1,
  id: "hummus",
  region: "Levant",
  type: "Dip",
  score: 1,
  text: "Hummus is a dip of chickpeas.",
  metadata: {},
  reasons: [],
};

const chunk = (content: string, finish: string | null = null) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`;

async function ask(script: (response: ServerResponse) => void, timeoutMs = 2_000) {
  const { url, received } = await startServer((_, response) => {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    script(response);
  });
  const connection = { baseUrl: `${url}/v1`, apiKey: undefined, timeoutMs };
  const generator = new OpenAiGenerator({ connection, model: "qwen3" });
  const pieces: string[] = [];
  const counts: unknown[] = [];
  const onTokens = (tokens: unknown) => counts.push(tokens);
  const request = { question: "What is hummus?", sources: [source], history: [], onTokens };
  const failure = await (async () => {
    for await (const piece of generator.generate(request)) pieces.push(piece);
  })().catch((error: unknown) => error);
  return { pieces, failure, received, counts };
}

describe("OpenAiGenerator (RAG-15)", () => {
  it("streams the answer, and sends model, messages and sources", async () => {
    const { pieces, received } = await ask((response) => {
      response.write(chunk("A dip "));
      response.write(": a comment that keeps the connection open\n\n");
      response.write(chunk("of chickpeas [1]."));
      response.end("data: [DONE]\n\n");
    });
    expect(pieces.join("")).toBe("A dip of chickpeas [1].");
    expect(received[0]?.url).toBe("/v1/chat/completions");
    const body = JSON.parse(received[0]?.body ?? "");
    expect(body).toMatchObject({ model: "qwen3", stream: true });
    expect(body.messages.at(-1).content).toContain("Hummus is a dip of chickpeas.");
  });

  it("reports the tokens if the server counts them", async () => {
    const usage = { prompt_tokens: 90, completion_tokens: 8 };
    const { counts } = await ask((response) => {
      response.write(chunk("A dip."));
      response.end(`data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`);
    });
    expect(counts).toEqual([{ prompt: 90, completion: 8 }]);
    expect((await ask((response) => void response.end(`${chunk("A dip.")}data: [DONE]\n\n`))).counts).toEqual(
      [],
    );
  });

  it("reads events that arrive in pieces of any size", async () => {
    const text = Buffer.from(`${chunk("Crème ")}${chunk("brûlée")}data: [DONE]\n\n`);
    const { pieces } = await ask(async (response) => {
      for (const byte of text) response.write(Buffer.of(byte));
      response.end();
    });
    expect(pieces.join("")).toBe("Crème brûlée");
  });

  it("fails if the stream ends before it is complete", async () => {
    const { pieces, failure } = await ask((response) => void response.end(chunk("A dip")));
    expect(pieces).toEqual(["A dip"]);
    expect(failure).toMatchObject({ code: "service", message: expect.stringMatching(/ended before/) });
  });

  it("fails for an error inside the stream, an empty answer and what is not JSON", async () => {
    for (const body of [
      'data: {"error":{"message":"out of memory"}}\n\n',
      "data: [DONE]\n\n",
      "data: {oops\n\n",
    ]) {
      expect((await ask((response) => void response.end(body))).failure).toMatchObject({ code: "service" });
    }
  });

  it("stops waiting for a server that falls silent", async () => {
    const { failure } = await ask((response) => void response.write(chunk("A dip")), 100);
    expect(failure).toMatchObject({ code: "timeout", hint: expect.stringMatching(/LLM_TIMEOUT_MS/) });
  });
});
