import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { type Received, startServer } from "../helpers/http-server.ts";

/** What can be wrong between us and the service. */
export type Fault =
  | "400"
  | "401"
  | "403"
  | "403 quota"
  | "404"
  | "408"
  | "413"
  | "422"
  | "429"
  | "429 in a moment"
  | "429 in an hour"
  | "429 with nonsense"
  | "429 by a wrong clock"
  | "500"
  | "501"
  | "502 HTML"
  | "503"
  | "503 in an hour"
  | "504"
  | "slow headers"
  | "slow body"
  | "reset before headers"
  | "reset in the body"
  | "body cut short"
  | "no HTTP"
  | "200 HTML"
  | "200 half of the JSON"
  | "200 empty"
  | "200 without a result"
  | "204"
  | "broken gzip"
  | "gzip bomb"
  | "gigantic body"
  | "gigantic error"
  | "404 page"
  | "redirect"
  | "refused"
  | "503 once"
  | "reset once"
  | "429 once"
  | "answer lost, then 404";

type Answer = (response: ServerResponse, number: number) => void;

/** What satisfies every command of the official client. */
const success = JSON.stringify({
  result: { uuid: "u-1", scores: [], deleted: 1, updated: 1, nextCursor: "", vectors: [] },
});

function status(code: number, error: string, headers: Record<string, string> = {}): Answer {
  return (response) => {
    response
      .writeHead(code, { "x-request-id": "r-1", ...headers })
      .end(JSON.stringify({ error, status: code }));
  };
}

function body(code: number, text: string): Answer {
  return (response) => response.writeHead(code, { "content-type": "text/html" }).end(text);
}

const reset: Answer = (response) => response.socket?.resetAndDestroy();

const ok: Answer = (response) => response.writeHead(200).end(success);

/** The first of the answers to the first request, and so on; the last to all that follow. */
function inTurn(...answers: Answer[]): Answer {
  return (response, number) => answers[Math.min(number, answers.length) - 1]?.(response, number);
}

/** Without end, and no faster than it is read. */
function endless(code: number): Answer {
  return (response) => {
    response.writeHead(code);
    const piece = Buffer.alloc(65_536, "x");
    const write = () => {
      while (!response.destroyed && response.write(piece));
    };
    response.on("drain", write);
    write();
  };
}

/** A kilobyte that becomes a million bytes. */
const bomb = gzipSync(Buffer.alloc(1_000_000, "x"));

const noon = "Thu, 01 Jan 2099 12:00:00 GMT";

const answers: Record<Exclude<Fault, "refused">, Answer> = {
  "400": status(400, "Bad request"),
  "401": status(401, "Unauthorized: Invalid auth token"),
  "403": status(403, "Forbidden: /upsert is not allowed"),
  "403 quota": status(403, "Exceeded daily write limit: 10000"),
  "404": status(404, "Namespace ns for the index i does not exist"),
  "408": status(408, "Request timeout"),
  "413": status(413, "Too large"),
  "422": status(422, "Invalid vector dimension: 2, expected: 256"),
  "429": status(429, "Slow down"),
  "429 in a moment": status(429, "Slow down", { "retry-after-ms": "3" }),
  "429 in an hour": status(429, "Slow down", { "retry-after": "3600" }),
  "429 with nonsense": status(429, "Slow down", { "retry-after": "-5" }),
  "429 by a wrong clock": status(429, "Slow down", { date: noon, "retry-after": noon }),
  "500": status(500, "Internal error"),
  "501": status(501, "Not implemented"),
  "502 HTML": body(502, "<html>Bad gateway</html>"),
  "503": status(503, "Unavailable"),
  "503 in an hour": status(503, "Maintenance", { "retry-after": "3600" }),
  "504": status(504, "Gateway timeout"),
  "slow headers": () => {},
  "slow body": (response) => response.writeHead(200).write('{"result":'),
  "reset before headers": reset,
  "reset in the body": (response) => {
    response.writeHead(200);
    response.write('{"result":', () => response.socket?.resetAndDestroy());
  },
  "body cut short": (response) => {
    response.writeHead(200, { "content-length": "1000" });
    response.write('{"result":1}', () => response.socket?.end());
  },
  "no HTTP": (response) => response.socket?.end("SSH-2.0-OpenSSH_9.2\r\n\r\n"),
  "200 HTML": body(200, "<html>Welcome to the hotel</html>"),
  "200 half of the JSON": body(200, '{"result":[{"id"'),
  "200 empty": body(200, ""),
  "200 without a result": body(200, '{"ok":true}'),
  "204": (response) => response.writeHead(204).end(),
  "broken gzip": (response) => response.writeHead(200, { "content-encoding": "gzip" }).end("no gzip at all"),
  "gzip bomb": (response) => response.writeHead(200, { "content-encoding": "gzip" }).end(bomb),
  "gigantic body": endless(200),
  "gigantic error": endless(500),
  "404 page": (response) =>
    response.writeHead(404, { "content-type": "text/html; charset=utf-8" }).end("<html>nginx</html>"),
  redirect: (response) => response.writeHead(307, { location: "/elsewhere" }).end(),
  "503 once": inTurn(status(503, "Unavailable"), ok),
  "reset once": inTurn(reset, ok),
  "429 once": inTurn(status(429, "Slow down"), ok),
  "answer lost, then 404": inTurn(reset, status(404, "It does not exist")),
};

/** A real server with that fault; requests are numbered per path, from 1. */
export async function startFaultServer(
  fault: Exclude<Fault, "refused">,
): Promise<{ url: string; received: Received[] }> {
  const counts = new Map<string, number>();
  return await startServer(({ url }, response) => {
    const number = (counts.get(url) ?? 0) + 1;
    counts.set(url, number);
    answers[fault](response, number);
  });
}
