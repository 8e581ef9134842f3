import { rmSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { reportFailure } from "../../src/cli/failure.ts";
import { printAnswer } from "../../src/cli/render.ts";
import { Terminal } from "../../src/cli/terminal.ts";
import { startEmulator } from "../../src/embedded/index.ts";
import { DataError, RateLimitError, SettingsError, UsageError } from "../../src/foundation/errors.ts";
import type { AnswerEvent } from "../../src/rag/answer.ts";
import { summarizePlan } from "../../src/rag/understanding/describe.ts";
import { literalPlan } from "../../src/rag/understanding/plan.ts";
import { Redactor } from "../../src/security/redactor.ts";
import { HttpRequester } from "../../src/transport/http-requester.ts";
import { type Received, startServer } from "../helpers/http-server.ts";
import { runCli, startCli } from "../helpers/run-cli.ts";
import { runHere } from "../helpers/run-here.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";
import { randomToken, upstashToken } from "./secrets.ts";

/** A terminal that keeps what it was given. */
function recorded(secrets: readonly string[], useColor = false) {
  const redactor = new Redactor();
  for (const value of secrets) redactor.learn(value);
  let text = "";
  const stream = new PassThrough();
  stream.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  const writable = stream as unknown as NodeJS.WriteStream;
  const terminal = new Terminal({ out: writable, error: writable, useColor, redactor });
  return { terminal, text: () => text };
}

/** All output of a process, in which a secret could appear in any encoding. */
function expectWithout(output: string, secret: string): void {
  const plain = output.replace(/\s+/g, "");
  for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) {
    expect(plain).not.toContain(form.replace(/\s+/g, ""));
  }
  expect(output).not.toContain(Buffer.from(secret).toString("base64").slice(0, -3));
}

const secret = fc
  .string({
    unit: fc.constantFrom(..."abcXYZ0189+/=._~-$^*()[]{}|?\\\"'&<>%#! "),
    minLength: 10,
    maxLength: 48,
  })
  .map((text) => text.trim())
  .filter((text) => text.replace(/\s/g, "").length >= 10 && !text.startsWith("Bearer"));

describe("no way to the terminal lets a secret through (SEC-1)", () => {
  it("lines, notes, progress, JSON and errors of every kind", () => {
    fc.assert(
      fc.property(secret, fc.boolean(), fc.boolean(), (value, asJson, debug) => {
        const { terminal, text } = recorded([value]);
        terminal.line(`a ${value} b`);
        terminal.write(`wrapped:\n    ${value.replaceAll(" ", "\n    ")}\n`);
        terminal.note(`a ${encodeURIComponent(value)} b`);
        terminal.progress(value, 1, 1);
        terminal.json({ [value]: [value, JSON.stringify({ inner: value })] });
        for (const error of [
          new Error(`a ${value}`, { cause: new Error(value) }),
          value,
          new RateLimitError("upstash", value, { hint: value }),
          new SettingsError([`X (it is ${JSON.stringify(value)})`]),
          new DataError("file", value, { faults: [{ line: 1, problem: value }] }),
        ]) {
          reportFailure(error, terminal, { asJson, debug });
        }
        expectWithout(text(), value);
      }),
      { numRuns: 150 },
    );
  });

  it("an answer that comes in pieces", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(randomToken(), upstashToken()),
        fc.integer({ min: 1, max: 9 }),
        async (value, size) => {
          const { terminal, text } = recorded([value]);
          const whole = `The token is ${value}, they say. It ends with ${value}`;
          const pieces = whole.match(new RegExp(`.{1,${size}}`, "g")) ?? [];
          async function* events(): AsyncGenerator<AnswerEvent> {
            for (const piece of pieces) yield { kind: "text", text: piece };
            const timings = { understanding: 0, retrieval: 1, generation: 1, total: 2 };
            const answer = {
              question: "",
              text: whole,
              sources: [],
              plan: summarizePlan(literalPlan("")),
              understood: [],
              store: "s",
              generator: "g",
              notices: [],
              timings,
            };
            yield { kind: "answer", answer };
          }
          await printAnswer(events(), terminal);
          expectWithout(text(), value);
          expect(text()).toContain("they say. It ends with");
        },
      ),
      { numRuns: 30 },
    );
  });

  it("removes control sequences for the terminal, and keeps our colours", () => {
    const { terminal, text } = recorded([], true);
    const start = String.fromCharCode(27);
    terminal.line(`${start}[31mred${start}[39m ${start}[2J${start}]0;title\u0007${start}[31m\u009b2J\r`);
    expect(text()).toBe(`${start}[31mred${start}[39m [2J]0;title${start}[31m2J\n`);
  });
});

/** A server that says back what it was sent, in one way or another. */
function echo(status: number, body: (authorization: string) => string, type = "application/json") {
  return ({ headers }: Received, response: ServerResponse) => {
    response.writeHead(status, { "Content-Type": type, "X-Request-Id": `${headers.authorization}` });
    response.end(body(headers.authorization ?? ""));
  };
}

const echoes = {
  "an error": echo(500, (text) => JSON.stringify({ error: `You sent Authorization: ${text}` })),
  "an encoded error": echo(400, (text) =>
    JSON.stringify({
      error: `/x?header=${encodeURIComponent(text)} ${Buffer.from(text).toString("base64")}`,
    }),
  ),
  "a quota": echo(403, (text) => JSON.stringify({ error: `Exceeded daily limit of ${text}` })),
  "a page": echo(502, (text) => `<html>${text}</html>`, "text/html"),
  "a result": echo(200, (text) =>
    JSON.stringify({
      result: {
        vectorCount: 1,
        indexType: text,
        similarityFunction: text,
        namespaces: { [text]: { vectorCount: 1 } },
      },
    }),
  ),
} as const;

describe("a server that echoes the token", () => {
  it.each(Object.keys(echoes) as (keyof typeof echoes)[])("in %s: no command repeats it", async (kind) => {
    const { url } = await startServer(echoes[kind]);
    const directory = temporaryDirectory();
    const [token, readOnly] = [upstashToken(), randomToken()];
    const environment = {
      UPSTASH_VECTOR_REST_URL: url,
      UPSTASH_VECTOR_REST_TOKEN: `Bearer ${token}`,
      UPSTASH_VECTOR_REST_READONLY_TOKEN: readOnly,
      OLLAMA_HOST: url,
      CHROMA_URL: url,
      RAGFOOD_DEBUG: "1",
      REQUEST_RETRIES: "0",
    };
    const every = [
      ["ask", "curry"],
      ["search", "curry", "--json"],
      ["ingest"],
      ["doctor"],
      ["doctor", "--json"],
    ];
    const runs = [await runCli(["info"], { directory, environment })];
    for (const words of every) runs.push(await runHere(words, { directory, environment }));
    for (const { out, error } of runs) {
      for (const value of [token, readOnly]) expectWithout(out + error, value);
      expect((out + error).length).toBeGreaterThan(0);
    }
  });

  it("in an error: the library does not repeat it either", async () => {
    const { url } = await startServer(echoes["an error"]);
    const token = randomToken();
    const requester = new HttpRequester({ url, token, timeoutMs: 5_000, retry: { retries: 0 } });
    const error = (await requester.request({ path: ["info"] }).catch((fault: unknown) => fault)) as Error;
    expect(error.message).toContain("You sent Authorization");
    expectWithout(`${error.message}${error.stack}${JSON.stringify(error)}`, token);
  });
});

describe("the settings", () => {
  it("in .env and in the wrong lines: no fault repeats a token", async () => {
    const directory = temporaryDirectory();
    const [token, other] = [upstashToken(), randomToken()];
    writeFileSync(
      join(directory, ".env"),
      `UPSTASH_VECTOR_REST_URL=${token}\nUPSTASH_VECTOR_REST_TOKEN="${other} ${other}"\nMAX_RESULTS=${other}\n`,
    );
    const { code, out, error } = await runCli(["info"], { directory });
    expect(code).toBe(2);
    expect(error).toContain("UPSTASH_VECTOR_REST_URL has to be a URL");
    for (const value of [token, other]) expectWithout(out + error, value);
  });

  it("a token as an argument is not repeated by a usage error", async () => {
    const directory = temporaryDirectory();
    const token = randomToken();
    const environment = { UPSTASH_VECTOR_REST_TOKEN: token, UPSTASH_VECTOR_REST_URL: "https://example.com" };
    for (const words of [["info", token], ["search", "x", "--top-k", token], [token]]) {
      const { out, error } = await runCli(words, { directory, environment });
      expectWithout(out + error, token);
    }
  });
});

it("the emulator's errors hold neither token", async () => {
  const emulator = await startEmulator();
  try {
    for (const path of ["/nowhere", "/query", "/upsert", "/", `/info/${"x".repeat(100)}`]) {
      for (const headers of [
        {},
        { Authorization: "Bearer wrong" },
        { Authorization: `Bearer ${emulator.token}` },
      ]) {
        const response = await fetch(emulator.url + path, { method: "POST", headers, body: "{" });
        const text = (await response.text()) + JSON.stringify([...response.headers]);
        for (const value of [emulator.token, emulator.readOnlyToken]) expectWithout(text, value);
      }
    }
  } finally {
    await emulator.close();
  }
});

describe.each(["throw", "Promise.reject"])("an error that nothing caught, by %s", (way) => {
  const token = randomToken();
  const statement = way === "throw" ? "throw error" : "Promise.reject(error)";
  const script = `process.on("SIGUSR2", () => { const error = new Error("boom " + process.env.MY_TOKEN); ${statement}; })`;
  const environment = {
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(script)}`,
    MY_TOKEN: token,
  };

  it("ends a command in one redacted line", async () => {
    const { url } = await startServer(() => command.kill("SIGUSR2"));
    const command = startCli(["ask", "What is hummus?"], {
      directory: temporaryDirectory(),
      environment: { ...environment, GENERATOR: "ollama", OLLAMA_HOST: url },
    });
    const { code, error } = await command.finished;
    expect(code).toBe(1);
    expect(error).toContain(
      "Error: Something unforeseen happened: boom [redacted]. Please report it, with the command that you ran.\n",
    );
    expect(error).not.toContain(token);
  });

  it("is one redacted line of an emulator, which goes on serving", async () => {
    const words = ["emulator", "--memory", "--port", "0"];
    const emulator = startCli(words, { directory: temporaryDirectory(), environment });
    await emulator.printed("Ready");
    emulator.kill("SIGUSR2");
    const out = await emulator.printed("boom [redacted]");
    expect((await fetch(/http:\/\/127\.0\.0\.1:\d+/.exec(out)?.[0] ?? "")).status).toBe(401);
    emulator.kill("SIGTERM");
    const { code, error } = await emulator.finished;
    expect(code).toBe(0);
    expect(error).not.toContain(token);
  });
});

it("the emulator does not reveal the path of its files", async () => {
  const directory = temporaryDirectory();
  const emulator = await startEmulator({ directory });
  try {
    rmSync(join(directory, "index.sqlite"));
    const headers = { Authorization: `Bearer ${emulator.token}` };
    const body = JSON.stringify({ id: "1", data: "x" });
    const response = await fetch(`${emulator.url}/upsert-data`, { method: "POST", headers, body });
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(text).toContain("index.sqlite");
    expect(text).not.toContain(directory);
  } finally {
    await emulator.close();
  }
});

it("errors of a call are printed without a stack trace", () => {
  const { terminal, text } = recorded([]);
  reportFailure(new UsageError("No."), terminal, { asJson: false });
  reportFailure(new TypeError("x is not a function"), terminal, { asJson: false });
  expect(text()).not.toMatch(/\n\s+at /);
});
