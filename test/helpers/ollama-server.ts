import type { ServerResponse } from "node:http";
import { type Received, startServer } from "./http-server.ts";

/** What the stand-in for Ollama does with a chat. */
export type ChatScript = (
  response: ServerResponse,
  request: { model: string; messages: { role: string; content: string }[] },
) => unknown;

export function chatLine(content: string, done = false): string {
  return `${JSON.stringify({ model: "llama3.2", message: { role: "assistant", content }, done })}\n`;
}

/** An HTTP server that speaks Ollama's `/api/chat`, `/api/tags`, `/api/version` and `/api/embed`. */
export function startOllama(
  chat: ChatScript,
  options: { models?: string[]; embed?: (text: string) => number[] } = {},
): Promise<{ url: string; received: Received[] }> {
  return startServer((received, response) => {
    const body = received.body === "" ? {} : JSON.parse(received.body);
    switch (received.url) {
      case "/api/chat":
        return chat(response, body);
      case "/api/tags":
        return send(response, { models: (options.models ?? ["llama3.2:latest"]).map((name) => ({ name })) });
      case "/api/version":
        return send(response, { version: "0.9.0" });
      case "/api/embed":
        return send(response, { embeddings: (body.input as string[]).map(options.embed ?? (() => [])) });
      default:
        return response.writeHead(404).end();
    }
  });
}

function send(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(body));
}

/** Answers in these pieces. */
export function answering(...pieces: string[]): ChatScript {
  return (response) => {
    response.writeHead(200, { "Content-Type": "application/x-ndjson" });
    for (const piece of pieces) response.write(chatLine(piece));
    response.end(chatLine("", true));
  };
}
