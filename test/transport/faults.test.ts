import { Index } from "@upstash/vector";
import { describe, expect, it } from "vitest";
import { RagfoodError } from "../../src/foundation/errors.ts";
import { HttpRequester, type HttpRequesterOptions } from "../../src/transport/http-requester.ts";
import type { Operation } from "../../src/transport/operations.ts";
import { deadAddress } from "../helpers/http-server.ts";
import { type Fault, startFaultServer } from "./fault-server.ts";

const token = "secret-token-of-the-index";

/** What the caller gets, and how many requests the service saw. */
interface Outcome {
  readonly code: string;
  readonly requests: number;
}

type Row = Record<Operation, Outcome>;

/** Where it was settled by thought which operations may follow a lost answer: said again, apart from the code. */
const mayRepeat: Record<Operation, boolean> = {
  upsert: true,
  "upsert-data": true,
  update: true,
  "delete by id": true,
  "delete by filter or prefix": false,
  reset: true,
  "delete-namespace": true,
  "rename-namespace": false,
  query: true,
  "query-data": true,
  "resumable-query": false,
  "resumable-query-data": false,
  "resumable-query-next": false,
  "resumable-query-end": true,
  fetch: true,
  range: true,
  random: true,
  info: true,
  "list-namespaces": true,
};

const names = Object.keys(mayRepeat) as Operation[];

function row(outcomeOf: (operation: Operation) => Outcome): Row {
  return Object.fromEntries(names.map((name) => [name, outcomeOf(name)])) as Row;
}

/** The first attempt and two more. */
const attempts = 3;

/** No operation is sent again. */
const once = (code: string): Row => row(() => ({ code, requests: 1 }));
/** Each is sent again: the service did not act. */
const always = (code: string): Row => row(() => ({ code, requests: attempts }));
/** What may have been done is sent again only where that does no harm. */
const ifSafe = (code: string): Row => row((name) => ({ code, requests: mayRepeat[name] ? attempts : 1 }));
/** It succeeds with the second request, if it is sent. */
const healed = (code: string): Row =>
  row((name) => (mayRepeat[name] ? { code: "success", requests: 2 } : { code, requests: 1 }));

const table: Record<Fault, Row> = {
  "400": once("invalid-request"),
  "401": once("authentication"),
  "403": once("forbidden"),
  "403 quota": once("quota"),
  "404": once("not-found"),
  "408": ifSafe("timeout"),
  "413": once("invalid-request"),
  "422": once("invalid-request"),
  "429": always("rate-limit"),
  "429 in a moment": always("rate-limit"),
  "429 in an hour": once("rate-limit"),
  "429 with nonsense": always("rate-limit"),
  "429 by a wrong clock": always("rate-limit"),
  "500": ifSafe("service"),
  "501": ifSafe("service"),
  "502 HTML": ifSafe("service"),
  "503": ifSafe("service"),
  "503 in an hour": once("service"),
  "504": ifSafe("service"),
  "slow headers": ifSafe("timeout"),
  "slow body": ifSafe("timeout"),
  "reset before headers": ifSafe("connection"),
  "reset in the body": ifSafe("connection"),
  "body cut short": ifSafe("connection"),
  "no HTTP": ifSafe("connection"),
  "200 HTML": ifSafe("service"),
  "200 half of the JSON": ifSafe("service"),
  "200 empty": ifSafe("service"),
  "200 without a result": ifSafe("service"),
  "204": ifSafe("service"),
  "broken gzip": ifSafe("connection"),
  "gzip bomb": once("answer-too-large"),
  "gigantic body": once("answer-too-large"),
  "gigantic error": ifSafe("service"),
  // Not from the index: a 404 page does not say that a namespace is gone.
  "404 page": ifSafe("service"),
  redirect: ifSafe("service"),
  // Nothing was sent, so even unsafe requests are retried; the requests are not counted.
  refused: row(() => ({ code: "connection", requests: 0 })),
  "503 once": healed("service"),
  "reset once": healed("connection"),
  "429 once": row(() => ({ code: "success", requests: 2 })),
  "answer lost, then 404": {
    ...row((name) =>
      mayRepeat[name] ? { code: "not-found", requests: 2 } : { code: "connection", requests: 1 },
    ),
    "delete-namespace": { code: "success", requests: 2 },
    "resumable-query-end": { code: "success", requests: 2 },
  },
};

interface Run {
  readonly path: string;
  call(index: Index, requester: HttpRequester): Promise<unknown>;
}

/** Each by the official client, as far as that can. */
const runs: Record<Operation, Run> = {
  upsert: { path: "/upsert", call: (index) => index.upsert({ id: "1", vector: [1] }) },
  "upsert-data": { path: "/upsert-data", call: (index) => index.upsert({ id: "1", data: "soup" }) },
  update: { path: "/update", call: (index) => index.update({ id: "1", metadata: { hot: true } }) },
  "delete by id": { path: "/delete/ids", call: (index) => index.namespace("ids").delete(["1"]) },
  "delete by filter or prefix": {
    path: "/delete/filter",
    call: (index) => index.namespace("filter").delete({ filter: "hot = true" }),
  },
  reset: { path: "/reset", call: (index) => index.reset() },
  "delete-namespace": { path: "/delete-namespace/old", call: (index) => index.deleteNamespace("old") },
  "rename-namespace": {
    path: "/rename-namespace",
    call: (_, requester) =>
      requester.request({ path: ["rename-namespace"], body: { namespace: "a", newNamespace: "b" } }),
  },
  query: { path: "/query", call: (index) => index.query({ vector: [1], topK: 1 }) },
  "query-data": { path: "/query-data", call: (index) => index.query({ data: "soup", topK: 1 }) },
  "resumable-query": {
    path: "/resumable-query",
    call: (index) => index.resumableQuery({ vector: [1], topK: 1, maxIdle: 60 }),
  },
  "resumable-query-data": {
    path: "/resumable-query-data",
    call: (index) => index.resumableQuery({ data: "soup", topK: 1, maxIdle: 60 }),
  },
  "resumable-query-next": {
    path: "/resumable-query-next",
    call: (_, requester) =>
      requester.request({ path: ["resumable-query-next"], body: { uuid: "u-1", additionalK: 1 } }),
  },
  "resumable-query-end": {
    path: "/resumable-query-end",
    call: (_, requester) => requester.request({ path: ["resumable-query-end"], body: { uuid: "u-1" } }),
  },
  fetch: { path: "/fetch", call: (index) => index.fetch(["1"]) },
  range: { path: "/range", call: (index) => index.range({ cursor: 0, limit: 1 }) },
  random: { path: "/random", call: (_, requester) => requester.request({ path: ["random"] }) },
  info: { path: "/info", call: (index) => index.info() },
  "list-namespaces": { path: "/list-namespaces", call: (index) => index.listNamespaces() },
};

/** Only slow faults get a short timeout, so that a busy machine changes no outcome. */
const options: Partial<Record<Fault, Partial<HttpRequesterOptions>>> = {
  "slow headers": { timeoutMs: 1_000 },
  "slow body": { timeoutMs: 1_000 },
};

describe("each fault, for each operation, through the official client (REL-1, REL-2)", () => {
  it.each(Object.entries(table) as [Fault, Row][])(
    "the official client reports %s",
    async (fault, expected) => {
      const server =
        fault === "refused" ? { url: await deadAddress(), received: [] } : await startFaultServer(fault);
      const seen = row(() => ({ code: "", requests: 0 }));
      await Promise.all(
        names.map(async (name) => {
          const requester = new HttpRequester({
            url: server.url,
            token,
            timeoutMs: 10_000,
            deadlineMs: 60_000,
            retry: { retries: attempts - 1, firstWaitMs: 1 },
            breaker: { failures: 1_000 },
            maximumAnswerBytes: 100_000,
            ...options[fault],
          });
          const { path, call } = runs[name];
          const code = await call(new Index(requester), requester).then(
            () => "success",
            (error) => {
              expect(error).toBeInstanceOf(RagfoodError);
              expect(error.endpoint).toBe(path.split("/")[1]);
              expect(`${error.message} ${error.hint} ${error.cause}`).not.toContain(token);
              return error.code;
            },
          );
          seen[name] = { code, requests: server.received.filter(({ url }) => url === path).length };
        }),
      );
      expect(seen).toEqual(expected);
    },
  );
});
