import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer as createSocketServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { type NetworkFault, networkFault, networkHint } from "../../src/foundation/network-fault.ts";

async function faultOf(url: string) {
  const error = await fetch(url).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return networkFault(error);
}

async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

describe("networkFault names the reason of a failed request (REL-1)", () => {
  it("a port without a server", async () => {
    const server = createServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    expect(await faultOf(`http://127.0.0.1:${port}/`)).toEqual({
      kind: "refused",
      detail: "ECONNREFUSED",
      isEarly: true,
    });
  });

  it("a port that fetch refuses to use", async () => {
    expect(await faultOf("http://127.0.0.1:1/")).toEqual({
      kind: "other",
      detail: "bad port",
      isEarly: true,
    });
  });

  it("a host name that does not exist", async () => {
    expect(await faultOf("http://no-such-host.invalid/")).toMatchObject({
      kind: "unknown-host",
      isEarly: true,
    });
  });

  it("https where plain HTTP is spoken", async () => {
    const port = await listen(createServer((_, response) => void response.end()));
    expect(await faultOf(`https://127.0.0.1:${port}/`)).toMatchObject({ kind: "tls" });
  });

  it("a connection that the other side closes", async () => {
    const server = createSocketServer((socket) => socket.once("data", () => socket.destroy()));
    const port = await listen(server as never);
    expect(await faultOf(`http://127.0.0.1:${port}/`)).toMatchObject({ kind: "closed", isEarly: false });
  });

  it("a connection that times out", () => {
    const cause = Object.assign(new Error("Connect Timeout Error"), { code: "UND_ERR_CONNECT_TIMEOUT" });
    expect(networkFault(new TypeError("fetch failed", { cause }))).toMatchObject({
      kind: "timeout",
      isEarly: true,
    });
  });

  it("several addresses that all fail", () => {
    const refused = Object.assign(new Error(), { code: "ECONNREFUSED", syscall: "connect" });
    const cause = new AggregateError([refused, refused]);
    expect(networkFault(new TypeError("fetch failed", { cause }))).toMatchObject({
      kind: "refused",
      isEarly: true,
    });
  });

  it("a 407 of a proxy, which fetch ends without a reason, and a certificate that does not hold", async () => {
    const port = await listen(createServer((_, response) => void response.writeHead(407).end()));
    const hintOf = (fault: NetworkFault | undefined) => networkHint(fault as NetworkFault, "OLLAMA_HOST");
    expect(hintOf(await faultOf(`http://127.0.0.1:${port}/`))).toContain("HTTPS_PROXY");
    const certificate = (code: string) =>
      hintOf(networkFault(new TypeError("fetch failed", { cause: Object.assign(new Error(), { code }) })));
    expect(certificate("CERT_HAS_EXPIRED")).toContain("renew it");
    expect(certificate("ERR_TLS_CERT_ALTNAME_INVALID")).toContain("check the host in OLLAMA_HOST");
    expect(certificate("SELF_SIGNED_CERT_IN_CHAIN")).toContain("NODE_EXTRA_CA_CERTS");
  });

  it("and is undefined for an error of another kind", () => {
    expect(networkFault(new Error("no such food"))).toBeUndefined();
    expect(networkFault(Object.assign(new Error("x"), { code: "not-found" }))).toBeUndefined();
    expect(networkFault(undefined)).toBeUndefined();
  });
});

describe("networkHint", () => {
  it("names the setting that holds the address, and differs by reason", () => {
    const kinds = ["refused", "unknown-host", "tls", "timeout", "other"] as const;
    const hints = kinds.map((kind) => networkHint({ kind, detail: "", isEarly: false }, "OLLAMA_HOST"));
    expect(new Set(hints).size).toBe(kinds.length);
    for (const hint of hints) expect(hint).toContain("OLLAMA_HOST");
  });
});
