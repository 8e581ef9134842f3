import { describe, expect, it } from "vitest";
import { AddressList, isAddressEntry } from "../../src/foundation/addresses.ts";
import type { AccessPolicy } from "../../src/server/access.ts";
import { clientAddress } from "../../src/server/client-address.ts";
import { defaultLimits } from "../../src/server/parts.ts";
import { networkOf } from "../../src/server/rate.ts";
import { localAccess } from "../helpers/access.ts";
import { testKeys } from "../helpers/keys.ts";
import { testService } from "../helpers/service.ts";

interface From {
  readonly address?: string;
  readonly httpVersion?: string;
  readonly headers?: Record<string, string>;
  readonly url?: string;
  readonly method?: string;
  readonly body?: string;
}

/** A service that is called as if through a socket. */
async function served(policy: Partial<AccessPolicy> = {}) {
  const keys = await testKeys();
  const service = await testService({
    parts: { access: { ...localAccess, keys: keys.verifier, ...policy } },
  });
  const call = async ({
    address = "127.0.0.1",
    httpVersion = "1.1",
    headers = {},
    url = "/api/foods",
    ...init
  }: From) =>
    await service.app.request(url, { headers, ...init }, {
      incoming: { socket: { remoteAddress: address }, httpVersion },
    } as never);
  return { ...keys, ...service, call };
}

describe("a service on this machine needs no key (SEC-5)", () => {
  it.each<[string, From]>([
    ["over IPv4", {}],
    ["over IPv6", { address: "::1" }],
    ["over a socket of both families", { address: "::ffff:127.0.0.1" }],
    ["with a token of some other API", { headers: { Authorization: "Bearer sk-none" } }],
    ["by the name localhost", { url: "http://localhost:8080/api/foods" }],
  ])("of its own callers %s", async (_, from) => {
    const { call } = await served();
    expect((await call(from)).status).toBe(200);
  });

  it.each<[string, From]>([
    ["sent an address that it forwards for", { headers: { "X-Forwarded-For": "203.0.113.9" } }],
    ["sent the standard header", { headers: { Forwarded: "for=203.0.113.9" } }],
    ["sent X-Real-IP", { headers: { "X-Real-IP": "203.0.113.9" } }],
    ["said that it is one", { headers: { Via: "1.1 proxy" } }],
    ["speaks HTTP/1.0, as nginx does unless told otherwise", { httpVersion: "1.0" }],
  ])("but of callers behind a reverse proxy that %s", async (_, from) => {
    const { call } = await served();
    expect((await call(from)).status).toBe(401);
  });

  it("but of everyone if proxies are trusted, or if it is set so, or if it listens for others", async () => {
    for (const policy of [
      { trustedProxies: ["127.0.0.1"] },
      { openTo: "nobody" as const },
      { host: "0.0.0.0" },
    ]) {
      expect((await (await served(policy)).call({})).status).toBe(401);
    }
  });

  it("and checks the key of who sends one", async () => {
    const { call, issue, repository } = await served();
    const { id, headers } = await issue();
    await repository.revoke(id);
    expect((await call({ headers })).status).toBe(401);
  });
});

describe("DNS rebinding and foreign hosts", () => {
  it("answers on this machine only under its own names", async () => {
    const { call } = await served();
    expect((await call({ url: "http://evil.example:8080/api/foods" })).status).toBe(421);
    expect((await call({ headers: { Host: "evil.example" } })).status).toBe(421);
    expect((await call({ url: "http://127.0.0.1.evil.example/healthz" })).status).toBe(421);
    expect((await call({ url: "http://127.0.0.1:8080/api/foods" })).status).toBe(200);
    expect((await call({ url: "http://[::1]:8080/api/foods" })).status).toBe(200);
  });

  it("answers elsewhere under the names that are set, and under addresses", async () => {
    const { call } = await served({ host: "0.0.0.0", allowedHosts: ["food.example"] });
    const from = { address: "203.0.113.9" };
    expect((await call({ ...from, url: "http://food.example/healthz" })).status).toBe(200);
    expect((await call({ ...from, url: "http://198.51.100.4/healthz" })).status).toBe(200);
    expect((await call({ ...from, url: "http://evil.example/healthz" })).status).toBe(421);
  });

  it("demands a key of a name that was allowed, since a page may come from there", async () => {
    const { call } = await served({ allowedHosts: ["food.example"] });
    expect((await call({ url: "http://food.example/api/foods" })).status).toBe(401);
  });
});

describe("pages of other sites (CSRF, CORS)", () => {
  const post = { url: "/api/ask", method: "POST", body: '{"question":"What is pho?"}' };
  const json = { "Content-Type": "application/json" };

  it.each<[string, Record<string, string>]>([
    ["another origin", { Origin: "https://evil.example", ...json }],
    ["another port of this machine", { Origin: "http://localhost:3000", ...json }],
    ["an origin that the browser hides", { Origin: "null", ...json }],
    ["another site, without an origin", { "Sec-Fetch-Site": "cross-site", ...json }],
    ["another origin, as plain text", { Origin: "https://evil.example", "Content-Type": "text/plain" }],
  ])("refuses what could change something from %s", async (_, headers) => {
    const { call } = await served();
    const response = await call({ ...post, headers });
    expect(response.status).toBe(403);
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
  });

  it("needs a key for reading from other sites, although a script could not read the answer", async () => {
    const { call } = await served();
    expect((await call({ headers: { "Sec-Fetch-Site": "cross-site" } })).status).toBe(401);
    expect((await call({ headers: { Origin: "https://evil.example" } })).status).toBe(401);
  });

  it("takes requests of its own pages, and of clients that are no browsers", async () => {
    const { call } = await served();
    const own = { Origin: "http://localhost", "Sec-Fetch-Site": "same-origin", ...json };
    expect((await call({ ...post, headers: own })).status).toBe(200);
    expect((await call({ ...post, headers: json })).status).toBe(200);
  });

  it("takes only JSON, which a form of another site cannot send", async () => {
    const { call } = await served();
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
    ]) {
      expect((await call({ ...post, headers: { "Content-Type": type } })).status, type).toBe(415);
    }
  });

  it("lets pages of allowed origins in, and answers their preflights", async () => {
    const { call } = await served({ allowedOrigins: ["https://app.example"] });
    const Origin = "https://app.example";
    const response = await call({ ...post, headers: { Origin, ...json } });
    expect(response.status).toBe(200);
    expect(response.headers.get("access-control-allow-origin")).toBe(Origin);
    const preflight = { Origin, "Access-Control-Request-Method": "POST" };
    expect((await call({ url: "/api/ask", method: "OPTIONS", headers: preflight })).status).toBe(204);
    const foreign = { ...preflight, Origin: "https://evil.example" };
    expect((await call({ url: "/api/ask", method: "OPTIONS", headers: foreign })).status).toBe(403);
  });

  it("demands a key of pages if any origin is allowed", async () => {
    const { call, issue } = await served({ allowedOrigins: ["*"] });
    const headers = { Origin: "https://any.example", ...json };
    expect((await call({ ...post, headers })).status).toBe(401);
    const key = await issue();
    expect((await call({ ...post, headers: { ...headers, ...key.headers } })).status).toBe(200);
  });
});

describe("allowed addresses and trusted proxies", () => {
  const policy = { host: "0.0.0.0", allowedAddresses: ["10.0.0.0/8", "2001:db8::/32"] };

  it("refuses other addresses before it looks at their keys", async () => {
    const { call, issue } = await served(policy);
    const { headers } = await issue();
    expect((await call({ address: "10.1.2.3", headers })).status).toBe(200);
    expect((await call({ address: "::ffff:10.1.2.3", headers })).status).toBe(200);
    expect((await call({ address: "2001:db8::7", headers })).status).toBe(200);
    expect((await call({ address: "192.0.2.7", headers })).status).toBe(403);
    expect((await call({ address: "192.0.2.7", url: "/healthz" })).status).toBe(403);
  });

  it("believes no header of who is not a trusted proxy", async () => {
    const { call, issue } = await served({ ...policy, trustedProxies: ["10.9.9.9"] });
    const { headers } = await issue();
    const forwarded = { ...headers, "X-Forwarded-For": "10.1.2.3" };
    expect((await call({ address: "192.0.2.7", headers: forwarded })).status).toBe(403);
    const outsider = { ...headers, "X-Forwarded-For": "10.1.2.3, 192.0.2.7" };
    expect((await call({ address: "10.9.9.9", headers: outsider })).status).toBe(403);
    expect((await call({ address: "10.9.9.9", headers: forwarded })).status).toBe(200);
  });

  it.each([
    ["192.0.2.1", undefined, "192.0.2.1"],
    ["192.0.2.1", "203.0.113.9", "192.0.2.1"],
    ["10.0.0.1", "203.0.113.9", "203.0.113.9"],
    ["10.0.0.1", "1.1.1.1, 203.0.113.9", "203.0.113.9"],
    ["10.0.0.1", "1.1.1.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"],
    ["10.0.0.1", "203.0.113.9:4711", "203.0.113.9"],
    ["10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"],
    ["10.0.0.1", "unknown", "10.0.0.1"],
    ["10.0.0.1", "<script>, 10.0.0.2", "10.0.0.2"],
    ["::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"],
  ])("reads the forwarded addresses from the right: %s, %s", (peer, header, expected) => {
    expect(clientAddress(peer, header, new AddressList(["10.0.0.0/8"]))).toBe(expected);
  });

  it.each([
    ["10.0.0.0/8", true],
    ["::1", true],
    ["10.0.0.0/33", false],
    ["10.0.0", false],
    ["host.example", false],
    ["10.0.0.0/8/9", false],
    ["2001:db8::/129", false],
  ])("%s is an address or a network: %s", (text, expected) => {
    expect(isAddressEntry(text)).toBe(expected);
  });

  it("counts an IPv6 network as one", () => {
    expect(networkOf("2001:db8:1:2:aaaa::1")).toBe(networkOf("2001:db8:1:2::7"));
    expect(networkOf("2001:db8::1")).not.toBe(networkOf("2001:db8:0:1::1"));
    expect(networkOf("192.0.2.7")).toBe("192.0.2.7");
  });
});

describe("large bodies and overload (REL-4)", () => {
  const limits = { ...defaultLimits, bodyBytes: 200 };
  const body = JSON.stringify({ question: "x".repeat(300) });
  const headers = { "Content-Type": "application/json" };

  it("refuses a large body by its announced length, and while it is read", async () => {
    const { app } = await testService({ parts: { limits } });
    const length = { ...headers, "Content-Length": String(body.length) };
    expect((await app.request("/api/ask", { method: "POST", body, headers: length })).status).toBe(413);
    const chunked = { ...headers, "Transfer-Encoding": "chunked" };
    expect((await app.request("/api/ask", { method: "POST", body, headers: chunked })).status).toBe(413);
  });

  it("refuses work that it cannot do in time, before it reads it, and recovers", async () => {
    const { app, post } = await testService({ parts: { limits: { ...defaultLimits, inFlight: 3 } } });
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => post("/api/ask", { question: "What is pho?" })),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(3);
    expect(statuses.filter((status) => status === 503)).toHaveLength(7);
    const refused = answers.find(({ status }) => status === 503) as Response;
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(await refused.json()).toMatchObject({ code: "overloaded" });
    expect((await app.request("/healthz")).status).toBe(200);
    expect((await post("/api/ask", { question: "What is pho?" })).status).toBe(200);
  });

  it("frees the place of a stream when it ends, and when its client leaves", async () => {
    const { post } = await testService({ parts: { limits: { ...defaultLimits, inFlight: 1 } } });
    const stream = () => post("/api/ask", { question: "What is pho?" }, { Accept: "text/event-stream" });
    await (await stream()).text();
    const left = await stream();
    expect((await stream()).status).toBe(503);
    await left.body?.cancel();
    expect((await stream()).status).toBe(200);
  });
});

describe("addresses that the service calls (SSRF)", () => {
  it("come from no request: no parameter and no body holds one", async () => {
    const { app } = await testService();
    const document = await (await app.request("/openapi.json")).json();
    const names: string[] = [];
    const collect = (value: unknown) => {
      if (typeof value !== "object" || value === null) return;
      const { properties, parameters, format } = value as Record<string, unknown>;
      if (typeof properties === "object" && properties !== null) names.push(...Object.keys(properties));
      if (Array.isArray(parameters)) names.push(...parameters.map((each) => String(each.name)));
      if (format === "uri") names.push("uri");
      for (const each of Object.values(value)) collect(each);
    };
    const { paths, components } = document as { paths: Record<string, object>; components: object };
    for (const path of Object.values(paths)) {
      for (const { parameters, requestBody } of Object.values(path) as Record<string, unknown>[]) {
        collect({ parameters, requestBody });
      }
    }
    const requests = Object.entries((components as { schemas: Record<string, unknown> }).schemas);
    for (const [name, schema] of requests) if (name.endsWith("Request")) collect(schema);
    expect(names).toContain("question");
    expect(names.filter((name) => /^(?:.*ur[il]|host|webhook|callback|redirect.*)$/i.test(name))).toEqual([]);
  });
});
