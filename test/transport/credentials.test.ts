import { describe, expect, it } from "vitest";
import type { CredentialsProvider } from "../../src/transport/credentials.ts";
import { HttpRequester } from "../../src/transport/http-requester.ts";
import { type Operation, operations } from "../../src/transport/operations.ts";
import { startServer } from "../helpers/http-server.ts";
import { failureOf } from "./failure-of.ts";

/** Said again, apart from the code: what a read-only token has to do for. */
const reads = [
  "fetch",
  "info",
  "list-namespaces",
  "query",
  "query-data",
  "random",
  "range",
  "resumable-query",
  "resumable-query-data",
  "resumable-query-end",
  "resumable-query-next",
];

async function tokenServer(isAccepted: (token: string) => boolean = () => true) {
  const { url, received } = await startServer(({ headers }, response) => {
    const isRight = isAccepted(headers.authorization ?? "");
    response
      .writeHead(isRight ? 200 : 401)
      .end(isRight ? '{"result":"Success"}' : '{"error":"Unauthorized: Invalid auth token"}');
  });
  return { url, received, tokens: () => received.map(({ headers }) => headers.authorization) };
}

describe("the two tokens (SEC-2)", () => {
  it("each operation takes the one it needs, and the full one goes to what writes alone", async () => {
    const { url, received } = await tokenServer();
    const requester = new HttpRequester({ url, token: "full", readOnlyToken: "reading", timeoutMs: 5_000 });
    const commands = (Object.keys(operations) as Operation[]).filter((name) => !name.startsWith("delete by"));
    for (const command of [...commands, "delete", "no-such-command"]) {
      await requester.request({ path: [command], body: {} });
    }
    const readers = received
      .filter(({ headers }) => headers.authorization === "Bearer reading")
      .map(({ url: path }) => path.slice(1));
    expect(readers.sort()).toEqual(reads);
    expect(new Set(received.map(({ headers }) => headers.authorization)).size).toBe(2);
  });

  it("the full token is used for everything if it is the only one, with or without Bearer (SEC-1)", async () => {
    const { url, tokens } = await tokenServer();
    for (const token of ["full", "Bearer full"]) {
      await new HttpRequester({ url, token, timeoutMs: 5_000 }).request({ path: ["info"] });
    }
    expect(tokens()).toEqual(["Bearer full", "Bearer full"]);
  });

  it("a token that a proxy repeats does not come through (SEC-1)", async () => {
    const { url } = await startServer(({ headers }, response) =>
      response.writeHead(400).end(JSON.stringify({ error: `Bad header ${headers.authorization}` })),
    );
    const requester = new HttpRequester({ url, token: "secret-token", timeoutMs: 5_000 });
    expect((await failureOf(requester.request({ path: ["info"] }))).message).toBe(
      "Bad header Bearer [redacted]",
    );
  });
});

describe("a refused token (SEC-2)", () => {
  it("is named by its setting", async () => {
    const { url } = await tokenServer(() => false);
    const requester = new HttpRequester({ url, token: "full", readOnlyToken: "reading", timeoutMs: 5_000 });
    expect((await failureOf(requester.request({ path: ["info"] }))).hint).toContain("READONLY_TOKEN");
    expect((await failureOf(requester.request({ path: ["reset"] }))).hint).toContain("VECTOR_REST_TOKEN");
  });

  function provider(tokens: string[]): CredentialsProvider & { refreshes: number } {
    const state = {
      refreshes: 0,
      current: () => ({ token: tokens[Math.min(state.refreshes, tokens.length - 1)] as string }),
      refresh: () => {
        state.refreshes++;
      },
    };
    return state;
  }

  it("is followed by one request with the new one, for what is not safe to repeat too", async () => {
    const { url, tokens } = await tokenServer((token) => token === "Bearer new");
    const credentials = provider(["old", "new"]);
    const events: string[] = [];
    const onEvent = ({ type }: { readonly type: string }) => void (/^token/.test(type) && events.push(type));
    const requester = new HttpRequester({ url, credentials, timeoutMs: 5_000, onEvent });
    for (let count = 0; count < 2; count++)
      expect(await requester.request({ path: ["rename-namespace"] })).toEqual({ result: "Success" });
    expect(tokens()).toEqual(["Bearer old", "Bearer new", "Bearer new"]);
    expect(events).toEqual(["token-change", "token-accepted"]);
  });

  it("is an error if no other token exists, or the other is also refused", async () => {
    const { url, tokens } = await tokenServer(() => false);
    for (const known of [["old"], ["old", "new", "newer"]]) {
      const requester = new HttpRequester({ url, credentials: provider(known), timeoutMs: 5_000 });
      expect(await failureOf(requester.request({ path: ["info"] }))).toMatchObject({
        code: "authentication",
      });
    }
    expect(tokens()).toEqual(["Bearer old", "Bearer old", "Bearer new"]);
  });
});
