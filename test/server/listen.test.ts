import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { ConnectionError } from "../../src/foundation/errors.ts";
import type { Generator } from "../../src/rag/generator.ts";
import { type Listening, type ListenOptions, listen } from "../../src/server/listen.ts";
import type { RequestEntry } from "../../src/server/parts.ts";
import { type TestServiceOptions, testService } from "../helpers/service.ts";

async function start(
  options: Partial<ListenOptions> = {},
  service: TestServiceOptions = {},
): Promise<Listening> {
  const { app } = await testService(service);
  const server = await listen(app, { host: "127.0.0.1", port: 0, ...options });
  onTestFinished(() => server.close(0));
  return server;
}

/** A socket to the server; `answer` resolves with all it sent when it has closed the connection. */
async function open({ port }: Listening): Promise<{ socket: Socket; answer: Promise<string> }> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  let text = "";
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  socket.on("error", () => {});
  return { socket, answer: once(socket, "close").then(() => text) };
}

async function send(server: Listening, request: string): Promise<string> {
  const { socket, answer } = await open(server);
  socket.write(request);
  return await answer;
}

const ask = '{"question":"What is pho?"}';

function post(server: Listening, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${server.url}/api/ask`, {
    method: "POST",
    body: ask,
    headers: { "Content-Type": "application/json", ...headers },
  });
}

/** A model that writes one piece, and the next when it is let go. */
function heldModel(): { model: Generator; release: () => void } {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const model: Generator = {
    name: "held",
    async *generate({ signal }) {
      yield "Pho ";
      await Promise.race([held, signal && once(signal, "abort")]);
      signal?.throwIfAborted();
      yield "is a soup [1].";
    },
  };
  return { model, release };
}

describe("a server on a socket", () => {
  it("answers over a kept connection", async () => {
    const server = await start();
    expect((await (await post(server)).json()) as object).toMatchObject({ generator: "extractive" });
  });

  it("says which port is taken", async () => {
    const { port } = await start();
    await expect(start({ port })).rejects.toThrow(ConnectionError);
  });

  it.each([
    ["headers", "POST /api/ask HTTP/1.1\r\nHost: localhost\r\nX-Slow: "],
    [
      "a body",
      `POST /api/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{"qu`,
    ],
  ])("ends the connection of a client that is slow with %s", async (_, beginning) => {
    const server = await start({ headersTimeoutMs: 200, requestTimeoutMs: 400 });
    const answer = await send(server, beginning);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    // On a busy machine this client may be slow, too.
    await expect.poll(async () => (await post(server)).status).toBe(200);
  });

  it("gives a client that sends slowly no place among the requests that are worked on", async () => {
    const limits = { inFlight: 1, waitMs: 500, bodyBytes: 10_000, answerMs: 5_000 };
    const server = await start({}, { parts: { limits } });
    const { socket } = await open(server);
    socket.write(
      "POST /api/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 500\r\nExpect: 100-continue\r\n\r\n{",
    );
    // The server asks for the rest of the body: it has the request.
    expect(String((await once(socket, "data"))[0])).toMatch(/^HTTP\/1\.1 100 /);
    expect((await post(server)).status).toBe(200);
    socket.destroy();
  });

  const get = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";

  it.each([
    ["a line end in a header", `${get}X-A: a\rSet-Cookie: b\r\n\r\n`],
    ["NUL in a header", `${get}X-A: a\0b\r\n\r\n`],
    ["a folded header", `${get}X-A: a\r\n b\r\n\r\n`],
    ["two lengths", `${get}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`],
    ["a length and chunks", `${get}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ["no host", "GET /healthz HTTP/1.1\r\n\r\n"],
    ["a host that is none", "GET /healthz HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n"],
    ["large headers", `${get}X-A: ${"a".repeat(20_000)}\r\n\r\n`],
    ["something else than HTTP", "hello\r\n\r\n"],
  ])("refuses a request with %s, and stays up", async (_, request) => {
    const server = await start();
    expect(await send(server, request)).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect((await post(server)).status).toBe(200);
  });

  it("splits no header of its answers", async () => {
    const server = await start();
    const path = "/api/foods/x%0d%0aSet-Cookie:%20a=b";
    const answer = await send(server, `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
    expect(answer.split("\r\n\r\n")[0]).not.toMatch(/set-cookie/i);
  });

  it("stops a stream whose client has left, and reports it", async () => {
    const entries: RequestEntry[] = [];
    const { model } = heldModel();
    const server = await start(
      {},
      { generators: [model], parts: { onRequest: (entry) => entries.push(entry) } },
    );
    const abort = new AbortController();
    const response = await fetch(`${server.url}/api/ask`, {
      method: "POST",
      body: ask,
      headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
      signal: abort.signal,
    });
    await response.body?.getReader().read();
    abort.abort();
    await expect.poll(() => entries).toMatchObject([{ route: "/api/ask", hasLeft: true }]);
  });

  it("ends a model that takes too long, and quotes the sources instead", async () => {
    const { model } = heldModel();
    const limits = { inFlight: 10, waitMs: 500, bodyBytes: 10_000, answerMs: 1_000 };
    const server = await start({}, { generators: [model], parts: { limits } });
    const text = await (await post(server, { Accept: "text/event-stream" })).text();
    expect(text).toContain('{"kind":"restart","text":"No answer within 1000 ms."}');
    expect(text).toContain('"generator":"extractive"');
  });
});

describe("a server that stops", () => {
  it("answers running requests, and takes no new ones", async () => {
    const { model, release } = heldModel();
    const server = await start({}, { generators: [model] });
    const response = await post(server, { Accept: "text/event-stream" });
    const closed = server.close(5_000);
    await expect(post(server)).rejects.toThrow();
    release();
    expect(await response.text()).toContain("Pho is a soup [1].");
    await closed;
  });

  it("closes idle connections at once, and cuts running requests off at the end of their time", async () => {
    const { model } = heldModel();
    const server = await start({}, { generators: [model] });
    const idle = await open(server);
    const response = await post(server, { Accept: "text/event-stream" });
    await server.close(200);
    await expect(response.text()).rejects.toThrow();
    expect(await idle.answer).toBe("");
  });
});
