import { once } from "node:events";
import {
  Agent,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

/** What goes wrong before the service has seen the request: nothing of it is done. */
const losses = {
  "503": (response) => sendError(response, 503),
  "429": (response) => sendError(response, 429, { "Retry-After-Ms": "40" }),
  "502 page": (response) => response.writeHead(502).end("<html>Bad gateway</html>"),
  "reset before": (response) => response.socket?.resetAndDestroy(),
} as const satisfies Record<string, (response: ServerResponse) => unknown>;

/** What goes wrong after it: it is done, and the answer is lost, cut or late. */
const lostAnswers = {
  "500 though done": (response) => sendError(response, 500),
  "200 page": (response) => response.writeHead(200).end("<html>Welcome</html>"),
  "reset after": (response, body) => {
    response.writeHead(200, { "Content-Length": body.length });
    response.write(body.subarray(0, body.length >> 1), () => response.socket?.resetAndDestroy());
  },
  truncated: (response, body) => response.writeHead(200).end(body.subarray(0, body.length >> 1)),
  late: (response, body) => {
    setTimeout(() => response.writeHead(200).end(body), lateMs).unref();
  },
} as const satisfies Record<string, (response: ServerResponse, body: Buffer) => unknown>;

/** Milliseconds; longer than an attempt of the soak may take (composition.ts). */
const lateMs = 2_500;

type Loss = keyof typeof losses;
type LostAnswer = keyof typeof lostAnswers;
export type ProxyFault = Loss | LostAnswer;

/** Late answers cost a whole timeout, so they are rare enough to keep the load up. */
const faults: readonly ProxyFault[] = [
  ...(Object.keys(losses) as Loss[]),
  ...(Object.keys(losses) as Loss[]),
  ...(Object.keys(lostAnswers) as LostAnswer[]).filter((name) => name !== "late"),
  ...(Object.keys(lostAnswers) as LostAnswer[]),
];

export interface FaultProxy {
  readonly url: string;
  /** The faults so far. */
  readonly injected: ReadonlyMap<ProxyFault, number>;
  /** Requests so far. */
  readonly requests: number;
  /** From 0 to 1: how many of the requests meet a fault. */
  setRate(rate: number): void;
  /** Where the requests go from now on. */
  setTarget(url: string): void;
  /** Accepts no connection, like a machine that is down, until `resume`. */
  suspend(): Promise<void>;
  resume(): Promise<void>;
  close(): Promise<void>;
}

/**
 * A proxy between a client and an index that injects faults into a share of the exchanges. It forwards a request at
 * once and waits for the answer before it injects a fault. So the index executes a request only while the attempt is in
 * flight, never after the client has given up.
 *
 * @param random numbers in [0, 1)
 */
export async function startFaultProxy(target: string, random: () => number): Promise<FaultProxy> {
  const agent = new Agent({ keepAlive: true });
  const injected = new Map<ProxyFault, number>();
  let [upstream, rate, requests] = [target, 0, 0];
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await readAll(request);
    requests++;
    const fault = random() < rate ? faults[Math.floor(random() * faults.length)] : undefined;
    if (fault !== undefined) injected.set(fault, (injected.get(fault) ?? 0) + 1);
    if (fault !== undefined && fault in losses) return losses[fault as Loss](response);
    const answer = await passOn(`${upstream}${request.url}`, request, body, agent);
    if (fault !== undefined) return lostAnswers[fault as LostAnswer](response, answer.body);
    return response.writeHead(answer.status, answer.headers).end(answer.body);
  };
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.socket?.resetAndDestroy());
  });
  const listen = async (port: number) => {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  };
  const stop = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  const port = await listen(0);
  return {
    url: `http://127.0.0.1:${port}`,
    injected,
    get requests() {
      return requests;
    },
    setRate: (share) => {
      rate = share;
    },
    setTarget: (url) => {
      upstream = url;
    },
    suspend: stop,
    async resume() {
      await listen(port);
    },
    async close() {
      agent.destroy();
      if (server.listening) await stop();
    },
  };
}

function sendError(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, headers).end(JSON.stringify({ error: "A fault of the soak", status }));
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

async function passOn(url: string, from: IncomingMessage, body: Buffer, agent: Agent): Promise<Answer> {
  const { authorization = "", "content-type": contentType = "application/json" } = from.headers;
  const request = httpRequest(url, {
    method: from.method ?? "POST",
    agent,
    headers: { authorization, "content-type": contentType, "content-length": body.length },
  });
  request.end(body);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  const retryAfter = response.headers["retry-after"];
  const headers = { "content-type": "application/json", ...(retryAfter && { "retry-after": retryAfter }) };
  return { status: response.statusCode ?? 500, headers, body: await readAll(response) };
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
