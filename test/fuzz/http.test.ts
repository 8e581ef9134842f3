import { Agent, request } from "node:http";
import { connect } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Emulator, startEmulator } from "../../src/embedded/index.ts";
import { commands } from "../../src/embedded/protocol/commands.ts";
import { fuzz, fuzzTimeout, jsonText, mutated, soup } from "./fuzz.ts";

/** Milliseconds for one answer, beyond which the server counts as hanging. */
const answerBoundMs = 10_000;

const agent = new Agent({ keepAlive: true, maxSockets: 8 });
let emulator: Emulator;

beforeAll(async () => {
  const own = { token: "full", limits: { resumableQueries: 50, namespaces: 50 } };
  emulator = await startEmulator({
    indexes: [
      { path: "/sparse", ...own },
      {
        path: "/dense",
        ...own,
        settings: {
          type: "DENSE",
          dimension: 2,
          similarityFunction: "COSINE",
          embeddingModel: "",
          sparseEmbeddingModel: "",
        },
      },
    ],
  });
});

afterAll(async () => {
  agent.destroy();
  await emulator.close();
});

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array;
}

interface Answered {
  readonly status: number;
  readonly text: string;
}

function send({ method, path, headers, body }: Sent): Promise<Answered> {
  const { hostname, port } = new URL(emulator.url);
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        hostname,
        port,
        method,
        path,
        agent,
        headers: { ...headers, "Content-Length": Buffer.byteLength(body) },
        timeout: answerBoundMs,
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
        response.on("error", reject);
      },
    );
    sent.on("timeout", () => sent.destroy(new Error(`no answer within ${answerBoundMs} ms`)));
    sent.on("error", reject);
    sent.end(body);
  });
}

/** An answer of the protocol, without a word of the machine behind it. */
function expectAnswer({ status, text }: Answered): void {
  const answer = JSON.parse(text);
  if (status === 200) expect(Object.keys(answer)).toEqual(["result"]);
  else {
    expect(answer).toEqual({ error: expect.any(String), status });
    expect(status).toBeLessThan(500);
  }
  expect(text).not.toMatch(/\bat .+\.[jt]s:\d|node_modules|\/src\/|\/dist\/|RangeError|TypeError|SQLITE/);
}

const serves = async (place = "/sparse") => {
  const headers = { Authorization: `Bearer ${emulator.indexes.get(place)?.token}` };
  const { status, text } = await send({ method: "GET", path: `${place}/info`, headers, body: "" });
  expect([status, text]).toEqual([200, expect.stringContaining('{"result":')]);
};

/** A body that each command takes, to begin with. */
const bodies: Readonly<Record<string, unknown>> = {
  upsert: [
    {
      id: "1",
      vector: [1, 2],
      sparseVector: { indices: [1, 2], values: [0.5, 1] },
      metadata: { a: { b: [1] } },
      data: "x",
    },
  ],
  "upsert-data": [{ id: "1", data: "a text", metadata: { a: 1 } }],
  update: { id: "1", metadata: { a: 2 }, metadataUpdateMode: "PATCH", data: "y" },
  delete: { ids: ["1"], prefix: "a", filter: "a = 1" },
  query: [
    {
      vector: [1, 2],
      topK: 3,
      filter: "a = 1",
      includeMetadata: true,
      includeVectors: true,
      fusionAlgorithm: "RRF",
    },
  ],
  "query-data": [{ data: "a text", topK: 3, filter: "a = 1", includeData: true, weightingStrategy: "IDF" }],
  "resumable-query": { vector: [1, 2], topK: 3, maxIdle: 1, includeMetadata: true },
  "resumable-query-data": { data: "a text", topK: 3, maxIdle: 1 },
  "resumable-query-next": { uuid: "x", additionalK: 2 },
  "resumable-query-end": { uuid: "x" },
  fetch: { ids: ["1"], prefix: "a", includeMetadata: true, includeData: true },
  range: { cursor: "0", limit: 5, prefix: "a", includeVectors: true },
  random: {},
  info: {},
  "list-namespaces": {},
  "rename-namespace": { namespace: "a", newNamespace: "b" },
  "delete-namespace": {},
  reset: {},
};

const place = fc.constantFrom("/sparse", "/dense");

describe("the HTTP surface of the emulator takes anything", { timeout: fuzzTimeout }, () => {
  it("every command with a body close to what it takes", async () => {
    expect(Object.keys(commands).filter((name) => !(name in bodies))).toEqual(["emulator-faults"]);
    const input = fc.constantFrom(...Object.keys(bodies)).chain((command) =>
      fc.record({
        command: fc.constant(command),
        body: fc.oneof(
          { weight: 3, arbitrary: mutated({ body: bodies[command] }) },
          { weight: 1, arbitrary: jsonText },
        ),
        where: place,
        namespace: fc.constantFrom("", "/n", "/%00", "/a%2Fb", "/__proto__"),
      }),
    );
    await fuzz(
      input,
      async ({ command, body, where, namespace }) => {
        const headers = { Authorization: `Bearer ${emulator.indexes.get(where)?.token}` };
        const inner = body.startsWith('{"body":') ? body.slice(8, -1) : body;
        expectAnswer(
          await send({ method: "POST", path: `${where}/${command}${namespace}`, headers, body: inner }),
        );
      },
      { together: 8 },
    );
    await serves();
    await serves("/dense");
  });

  it("random methods, paths, headers and bodies", async () => {
    const path = fc
      .array(
        fc.oneof(
          fc.constantFrom(
            ...Object.keys(commands),
            "/",
            "..",
            "%",
            "%2e%2e",
            "%00",
            "?",
            "#",
            "sparse",
            "dense",
            "__proto__",
            "%ff%fe",
            "*",
          ),
          fc.webSegment(),
        ),
        { maxLength: 6 },
      )
      .map((parts) => `/${parts.join("/")}`);
    const name = fc
      .stringMatching(/^[A-Za-z][A-Za-z-]{0,15}$/)
      .filter(
        (text) =>
          !/^(content-length|transfer-encoding|connection|expect|upgrade|trailer|te|host|keep-alive)$/i.test(
            text,
          ),
      );
    const headers = fc.dictionary(name, fc.stringMatching(/^[ -~]{0,40}$/), {
      maxKeys: 5,
      noNullPrototype: true,
    });
    const input = fc.record({
      method: fc.constantFrom("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"),
      path,
      headers,
      body: fc.oneof<fc.Arbitrary<string | Uint8Array>[]>(jsonText, soup, fc.uint8Array({ maxLength: 200 })),
      isAuthorized: fc.boolean(),
    });
    await fuzz(
      input,
      async ({ isAuthorized, headers: own, ...sent }) => {
        const token = isAuthorized && { Authorization: `Bearer ${emulator.token}` };
        expectAnswer(await send({ ...sent, headers: { ...own, ...token } }));
      },
      { together: 8 },
    );
    await serves();
  });

  it("bytes that are not HTTP, invalid chunks, truncated requests", async () => {
    const { port } = new URL(emulator.url);
    const start = `POST /sparse/query HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${emulator.token}\r\n`;
    const raw = fc.oneof<fc.Arbitrary<string | Uint8Array>[]>(
      fc.uint8Array({ maxLength: 400 }),
      soup,
      fc
        .tuple(fc.constantFrom("5", "-1", "ffffffffffffffff", "zz", "0", "5;x=y", " "), soup)
        .map(([size, body]) => `${start}Transfer-Encoding: chunked\r\n\r\n${size}\r\n${body}\r\n0\r\n\r\n`),
      fc
        .constantFrom("-1", "5", "99999999999999999999", "x", "5, 6")
        .map((length) => `${start}Content-Length: ${length}\r\n\r\n{}`),
      fc.constant(`${start}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{}`),
      fc.constant(`${start}X: ${"y".repeat(40_000)}\r\n\r\n`),
      fc.nat(start.length).map((cut) => start.slice(0, cut)),
    );
    await fuzz(
      raw,
      async (bytes) => {
        const answer = await new Promise<string>((resolve) => {
          const socket = connect(Number(port), "127.0.0.1");
          let text = "";
          const finish = () => resolve(text);
          socket.on("data", (chunk: Buffer) => {
            text += chunk.toString("latin1");
          });
          socket.on("error", finish);
          socket.on("close", finish);
          socket.end(bytes);
        });
        expect(answer).not.toMatch(/\bat .+\.[jt]s:\d|node_modules|\/src\/|\/dist\//);
      },
      { share: 0.2, together: 8 },
    );
    await serves();
  });
});
