import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { proxiedFetch } from "../../src/transport/proxy.ts";
import { startServer } from "../helpers/http-server.ts";

/** A proxy that sends every request to one server, and records its destination. */
async function startProxy(target: string): Promise<{ url: string; seen: string[] }> {
  const { port, hostname } = new URL(target);
  const seen: string[] = [];
  const server = createServer(async (request, response) => {
    seen.push(`${request.method} ${request.url}`);
    const answer = await fetch(target);
    response.end(await answer.text());
  });
  server.on("connect", (request, socket) => {
    seen.push(`CONNECT ${request.url}`);
    const upstream = connect(Number(port), hostname, () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on("error", () => socket.destroy());
    socket.on("error", () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

async function setUp(noProxy?: string) {
  const { url } = await startServer((_, response) => void response.end("answer"));
  const proxy = await startProxy(url);
  return {
    url,
    seen: proxy.seen,
    send: proxiedFetch({ httpProxy: proxy.url, httpsProxy: proxy.url, noProxy }),
  };
}

describe("requests through a proxy (SEC-3)", () => {
  it("go to the proxy, for a host that only it can reach", async () => {
    const { send, seen } = await setUp();
    const answer = await send("http://index.invalid/info", { method: "POST", body: "{}" });
    expect(await answer.text()).toBe("answer");
    expect(seen).toEqual(["POST http://index.invalid/info"]);
  });

  it("are tunnelled for https, so that the proxy reads nothing", async () => {
    const { send, seen } = await setUp();
    await expect(send("https://index.invalid/info")).rejects.toThrow();
    expect(seen).toEqual(["CONNECT index.invalid:443"]);
  });

  it("do not go there for this machine itself", async () => {
    const { send, seen, url } = await setUp();
    expect(await (await send(url)).text()).toBe("answer");
    expect(seen).toEqual([]);
  });

  it("do not go there for a host of NO_PROXY", async () => {
    const { send, seen } = await setUp("other.test,index.invalid");
    await expect(send("http://index.invalid/info")).rejects.toThrow("fetch failed");
    expect(seen).toEqual([]);
  });

  it("are as without a proxy if the settings name none", () => {
    expect(proxiedFetch(undefined)).toBe(fetch);
  });
});
