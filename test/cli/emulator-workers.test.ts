import { existsSync, readdirSync, readFileSync } from "node:fs";
import { Agent, request as httpRequest } from "node:http";
import { createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { Index } from "@upstash/vector";
import { expect, it, onTestFinished } from "vitest";
import { type Running, runCli, startCli } from "../helpers/run-cli.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

interface Address {
  readonly url: string;
  readonly token: string;
}

/** Connections are handed out in turn, so that every worker has some. */
const connectionCount = 6;

async function started(words: readonly string[], directory: string): Promise<{ server: Running } & Address> {
  const server = startCli(
    ["emulator", "--port", "0", "--workers", "2", "--token", "full-token", "--json", ...words],
    { directory, environment: { TMPDIR: directory } },
  );
  const { url, token } = JSON.parse(await server.printed("}\n")) as Address;
  return { server, url, token };
}

/** Requests over one connection of their own, by hand and by the official client. */
interface Connection {
  readonly index: Index;
  send(path: string, body?: unknown): Promise<unknown>;
}

function connectTo({ url, token }: Address): Connection {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const send = (path: string, body?: unknown) =>
    new Promise<unknown>((resolve, reject) => {
      const headers = { Authorization: `Bearer ${token}` };
      const request = httpRequest(`${url}/${path}`, { method: "POST", agent, headers }, async (response) => {
        try {
          let text = "";
          for await (const chunk of response) text += chunk;
          if (response.statusCode === 200) resolve((JSON.parse(text) as { result: unknown }).result);
          else reject(new Error(`${response.statusCode} ${text}`));
        } catch (error) {
          reject(error);
        }
      });
      request.on("error", reject).end(body === undefined ? undefined : JSON.stringify(body));
    });
  const index = new Index({
    request: async ({ path = [], body }: { path?: string[]; body?: unknown }) => ({
      result: await send(path.join("/"), body),
    }),
  } as never);
  return { index, send };
}

function connectionsTo(address: Address): Connection[] {
  return Array.from({ length: connectionCount }, () => connectTo(address));
}

/** The processes that this one has started and that still run. */
function workersOf(pid: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => parentOf(name) === pid)
    .map(Number);
}

/** `undefined` for a process that has ended. */
function parentOf(pid: string): number | undefined {
  try {
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return state === "Z" ? undefined : Number(parent);
  } catch {
    return undefined;
  }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await wait(20);
}

it("with workers, every connection sees what any other has written, at its next query (OPS-12)", async () => {
  const directory = temporaryDirectory();
  const words = ["--memory", "--log", "off", "--type", "HYBRID", "--dimension", "2"];
  const { server, ...address } = await started(words, directory);
  const clients = connectionsTo(address).map(({ index }) => index);
  await Promise.all(
    clients.map(async (writer, place) => {
      const id = `w${place}`;
      for (let round = 0; round < 8; round++) {
        const reader = clients[(place + round + 1) % connectionCount] as Index;
        const record = {
          vector: [1, round],
          sparseVector: { indices: [place], values: [round + 1] },
          metadata: { place, round },
        };
        await writer.upsert({ id, ...record });
        const filter = `place = ${place}`;
        const include = { includeVectors: true, includeMetadata: true };
        const found = await reader.query({ ...record, topK: 5, filter, ...include });
        expect(found).toMatchObject([{ id, ...record }]);
        expect(await reader.fetch([id], include)).toMatchObject([{ id, ...record }]);
      }
      await writer.delete(id);
      const sparseVector = { indices: [place], values: [1] };
      for (const reader of clients) {
        const found = await reader.query({ vector: [1, 1], sparseVector, topK: connectionCount });
        expect(found.map((match) => match.id)).not.toContain(id);
      }
    }),
  );
  server.kill("SIGTERM");
  expect(await server.finished).toMatchObject({ code: 0, error: "" });
  expect(readdirSync(directory).filter((name) => name.startsWith("ragfood-emulator-"))).toEqual([]);
});

it("with workers, resumable queries, faults, quotas and the live log are one for all connections", async () => {
  const { server, ...address } = await started(["--memory", "--ui", "--log", "json"], temporaryDirectory());
  const connections = connectionsTo(address);
  const clients = connections.map(({ index }) => index);
  const [first] = connections as [Connection];
  await first.index.upsert(Array.from({ length: 40 }, (_, place) => ({ id: `${place}`, data: "soup" })));

  const { uuid, scores } = (await first.send("resumable-query-data", { data: "soup", topK: 4 })) as {
    uuid: string;
    scores: { id: string }[];
  };
  const ids = new Set(scores.map(({ id }) => id));
  for (const { send } of connections) {
    const page = (await send("resumable-query-next", { uuid, additionalK: 4 })) as { id: string }[];
    for (const { id } of page) ids.add(id);
  }
  expect(ids.size).toBe(4 * (1 + connectionCount));

  // The 40 records above count too, whichever worker has written them.
  await first.send("emulator-faults", { dailyWrites: 43 });
  const writes = clients.map((client, place) => client.upsert({ id: `new${place}`, data: "stew" }));
  const outcomes = await Promise.allSettled(writes);
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
  await first.send("emulator-faults", { dailyWrites: 0, indexingDelayMs: 3_600_000 });
  await clients[1]?.upsert({ id: "late", data: "goulash" });
  for (const client of clients) expect(await client.query({ data: "goulash", topK: 1 })).toEqual([]);
  await first.send("emulator-faults", { indexingDelayMs: 0 });
  for (const client of clients) expect(await client.query({ data: "goulash", topK: 1 })).toHaveLength(1);

  for (let round = 0; round < 2; round++) {
    const log = await fetch(`${address.url}/data/requests`, {
      headers: { Authorization: `Bearer ${address.token}` },
    });
    const reader = (log.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while ((text.match(/"path":"\/query-data"/g) ?? []).length < 2 * connectionCount) {
      text += (await reader.read()).value ?? "";
    }
    await reader.cancel();
  }
  server.kill("SIGTERM");
  const { code, error } = await server.finished;
  expect(code).toBe(0);
  expect(error.match(/"path":"\/query-data"/g)).toHaveLength(2 * connectionCount);
});

it("a worker that is killed under load is replaced, and no acknowledged write is lost", async () => {
  const directory = temporaryDirectory();
  const { server, ...address } = await started(["--data", "data", "--log", "off"], directory);
  const before = workersOf(server.pid);
  expect(before).toHaveLength(2);
  const acknowledged: string[] = [];
  let isLoaded = true;
  const load = Array.from({ length: connectionCount }, async (_, place) => {
    for (let round = 0; isLoaded; round++) {
      const id = `${place}-${round}`;
      // A new connection each time: the worker of an open one may be the one that is killed.
      await connectTo(address)
        .index.upsert({ id, data: "soup" })
        .then(
          () => acknowledged.push(id),
          () => {},
        );
    }
  });
  await until(() => acknowledged.length > 20);
  process.kill(before[0] as number, "SIGKILL");
  await server.printed("another one starts");
  await until(() => workersOf(server.pid).length === 2);
  const [killed, count] = [acknowledged.length, acknowledged.length + 20];
  expect(killed).toBeGreaterThan(20);
  await until(() => acknowledged.length > count);
  isLoaded = false;
  await Promise.all(load);
  const found = await connectTo(address).index.fetch(acknowledged.slice(-900));
  expect(found.filter((record) => record === null)).toEqual([]);

  const workers = workersOf(server.pid);
  server.kill("SIGKILL");
  await server.finished;
  await until(() => workers.every((pid) => !existsSync(`/proc/${pid}`) || parentOf(`${pid}`) === undefined));
});

it("with workers, SIGTERM under load ends all of them, and every acknowledged write is on disk", async () => {
  const directory = temporaryDirectory();
  const { server, ...address } = await started(["--data", "data", "--log", "off"], directory);
  const workers = workersOf(server.pid);
  const acknowledged: string[] = [];
  let isServed = true;
  const load = connectionsTo(address).map(async ({ index }, place) => {
    for (let round = 0; isServed; round++) {
      const id = `${place}-${round}`;
      await index.upsert({ id, data: "soup" }).then(
        () => acknowledged.push(id),
        () => {
          isServed = false;
        },
      );
    }
  });
  await until(() => acknowledged.length > 20);
  server.kill("SIGTERM");
  expect(await server.finished).toMatchObject({ code: 0, error: "" });
  await Promise.all(load);
  expect(workers.filter((pid) => parentOf(`${pid}`) !== undefined)).toEqual([]);

  const { server: again, ...next } = await started(["--data", "data", "--log", "off"], directory);
  const found = await connectTo(next).index.fetch(acknowledged.slice(-900));
  expect(found.filter((record) => record === null)).toEqual([]);
  again.kill("SIGTERM");
  await again.finished;
});

it("with workers, a port that is taken is reported before anything is served", async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void taken.close());
  const { port } = taken.address() as { port: number };
  const words = ["emulator", "--workers", "2", "--memory", "--port", String(port)];
  const { code, out, error } = await runCli(words, { directory: temporaryDirectory() });
  expect({ code, out }).toEqual({ code: 1, out: "" });
  expect(error).toContain(`Cannot listen on 127.0.0.1:${port}`);
  expect(error).toContain("Choose another port with --port");
});
