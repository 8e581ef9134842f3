import { request } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Emulator, type EmulatorOptions, startEmulator } from "../../../src/embedded/index.ts";
import type { PageSource } from "../../../src/embedded/protocol/data-page.ts";

/** The data browser's files, as small as they get. */
const page: PageSource = {
  answer: ({ path }) =>
    path === "/data"
      ? { status: 200, headers: { "Content-Type": "text/html" }, body: Buffer.from("<!doctype html>") }
      : undefined,
};

async function started(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = await startEmulator({ page, log: () => {}, ...options });
  onTestFinished(() => emulator.close());
  return emulator;
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: string;
}

/** fetch does not let a caller choose `Host`. */
function get(emulator: Emulator, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  const { port } = new URL(emulator.url);
  return new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, path, headers: { ...headers } }, async (response) => {
      let body = "";
      for await (const chunk of response) body += chunk;
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
    })
      .on("error", reject)
      .end();
  });
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

const several = {
  indexes: [
    { path: "/one", token: "one-full", readOnlyToken: "one-read" },
    { path: "/two", token: "two-full", readOnlyToken: "two-read" },
  ],
};

/** The events of the live log, until the server ends it. */
async function* events(emulator: Emulator, token: string): AsyncGenerator<string, undefined> {
  const { origin } = new URL(emulator.url);
  const response = await fetch(`${origin}/data/requests`, { headers: bearer(token) });
  let rest = "";
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const parts = (rest + chunk).split("\n\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
}

/** The first event: the requests so far. */
async function recentOf(emulator: Emulator, token: string): Promise<string> {
  for await (const event of events(emulator, token)) return event;
  return "";
}

describe("the data browser of the emulator", () => {
  it("is served at /data, and / leads to it in a browser", async () => {
    const emulator = await started();
    expect(await get(emulator, "/data")).toMatchObject({ status: 200, body: "<!doctype html>" });
    expect(await get(emulator, "/", { accept: "text/html" })).toMatchObject({
      status: 302,
      headers: { location: "/data" },
    });
  });

  it("is not served unless it is asked for", async () => {
    const emulator = await startEmulator({ log: () => {} });
    onTestFinished(() => emulator.close());
    for (const path of ["/data", "/data/session", "/data/requests"]) {
      expect((await get(emulator, path, bearer(emulator.token))).status).toBe(404);
    }
  });

  it("leaves an index at /data as it is", async () => {
    const emulator = await started({ path: "/data" });
    const answer = await get(emulator, "/data/info", bearer(emulator.token));
    expect(JSON.parse(answer.body)).toMatchObject({ result: { vectorCount: 0 } });
  });

  it("names the indexes that a token opens, and what it allows", async () => {
    const emulator = await started(several);
    const session = async (headers = {}) => JSON.parse((await get(emulator, "/data/session", headers)).body);
    expect(await session(bearer("one-full"))).toEqual({
      host: "emulator",
      indexes: [{ name: "/one", base: "/one", access: "write" }],
    });
    expect((await session(bearer("two-read"))).indexes).toEqual([
      { name: "/two", base: "/two", access: "read" },
    ]);
    expect(await session(bearer("wrong"))).toEqual({ host: "emulator", indexes: [] });
    expect(await session()).toEqual({ host: "emulator", indexes: [] });
  });
});

describe("the live log", () => {
  it("needs a token", async () => {
    const emulator = await started();
    expect((await get(emulator, "/data/requests")).status).toBe(401);
    expect((await get(emulator, "/data/requests", bearer("wrong"))).status).toBe(401);
  });

  it("sends recent requests, then each new one, of the token's index only", async () => {
    const emulator = await started(several);
    await get(emulator, "/one/info", bearer("one-full"));
    await get(emulator, "/two/info", bearer("two-full"));
    const log = events(emulator, "one-read");
    const { value: recent } = await log.next();
    await get(emulator, "/two/random", bearer("two-full"));
    await get(emulator, "/one/random", bearer("one-full"));
    const { value: next } = await log.next();
    expect(recent).toMatch(/^event: recent\ndata: \[\{.*"path":"\/one\/info".*\}\]$/);
    expect(recent).not.toContain("/two");
    expect(next).toMatch(/^event: request\ndata: \{.*"path":"\/one\/random","status":200/);
    expect(next).toMatch(/"time":\d{13}/);
  });

  it("never shows a token, a body or a query string", async () => {
    const emulator = await started();
    const { origin } = new URL(emulator.url);
    await fetch(`${origin}/query-data?secret=1`, {
      method: "POST",
      headers: bearer(emulator.token),
      body: '{"data":"private"}',
    });
    await get(emulator, `/fetch/${emulator.token}`, bearer(emulator.token));
    const text = await recentOf(emulator, emulator.token);
    expect(text).toContain("/query-data");
    expect(text).not.toMatch(new RegExp(`secret|private|${emulator.token}`));
  });

  it("keeps the last 500 requests", async () => {
    const emulator = await started();
    for (let count = 0; count < 510; count++) await fetch(`${emulator.url}/n${count}`);
    const recent = await recentOf(emulator, emulator.token);
    const paths = Array.from(recent.matchAll(/"path":"([^"]+)"/g), ([, path]) => path);
    expect(paths).toHaveLength(500);
    expect([paths[0], paths.at(-1)]).toEqual(["/n10", "/n509"]);
  });

  it("ends when the emulator closes", async () => {
    const emulator = await startEmulator({ page, log: () => {} });
    const log = events(emulator, emulator.token);
    await log.next();
    await emulator.close();
    expect(await log.next()).toEqual({ done: true, value: undefined });
  });
});

describe("pages of other sites", () => {
  const refused = { status: 403 };

  it.each(["/data", "/data/session", "/data/requests"])(
    "cannot reach %s by a name of their own",
    async (path) => {
      const emulator = await started();
      const headers = { ...bearer(emulator.token), host: "attacker.example:8079" };
      expect(await get(emulator, path, headers)).toMatchObject(refused);
    },
  );

  it("may use a name that the emulator is started with", async () => {
    const emulator = await started({ allowedOrigins: ["http://devbox.example:8079"] });
    const headers = { ...bearer(emulator.token), host: "devbox.example:8079" };
    expect((await get(emulator, "/data", headers)).status).toBe(200);
    expect((await get(emulator, "/data/session", headers)).status).toBe(200);
  });

  it.each([
    { origin: "https://attacker.example" },
    { origin: "null" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
  ])("cannot call its control paths (%j)", async (headers) => {
    const emulator = await started();
    for (const path of ["/data/session", "/data/requests"]) {
      const answer = await get(emulator, path, { ...bearer(emulator.token), ...(headers as object) });
      expect(answer).toMatchObject(refused);
      expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
    }
  });

  it("may link to the page", async () => {
    const emulator = await started();
    expect((await get(emulator, "/data", { "sec-fetch-site": "cross-site" })).status).toBe(200);
  });
});
