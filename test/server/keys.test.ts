import { describe, expect, it } from "vitest";
import { CachedKeys } from "../../src/server/key-verifier.ts";
import type { KeyVerification } from "../../src/state/keys.ts";
import { StateError } from "../../src/state/state-error.ts";
import { localAccess } from "../helpers/access.ts";
import { testKeys } from "../helpers/keys.ts";
import { testService } from "../helpers/service.ts";

const question = { question: "What is pho?" };
const food = { text: "Satay is grilled meat." };

/** A service for other machines. */
async function openToOthers() {
  const keys = await testKeys();
  const access = { ...localAccess, host: "0.0.0.0", keys: keys.verifier };
  return { ...keys, ...(await testService({ parts: { access } })) };
}

describe("keys of the API (SEC-5)", () => {
  it.each([
    ["no key", {}],
    ["a wrong key", { Authorization: `Bearer ragfood_0123456789ab_${"x".repeat(43)}` }],
    ["a token of another kind", { Authorization: "Bearer sk-something" }],
    ["another scheme", { Authorization: "Basic dXNlcjpwYXNz" }],
    ["an empty token", { Authorization: "Bearer " }],
  ])("refuses %s, and says how to send one", async (_, headers) => {
    const { post, app } = await openToOthers();
    const response = await post("/api/ask", question, headers);
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe('Bearer realm="ragfood"');
    expect(await response.json()).toMatchObject({
      code: "unauthorized",
      hint: expect.stringContaining("Bearer"),
    });
    expect((await app.request("/healthz", { headers })).status).toBe(200);
  });

  it("answers with a key, and refuses it once it is revoked", async () => {
    const { post, issue, repository, passTime } = await openToOthers();
    const { id, headers } = await issue();
    expect((await post("/api/ask", question, headers)).status).toBe(200);
    await repository.revoke(id);
    passTime();
    const response = await post("/api/ask", question, headers);
    expect([response.status, ((await response.json()) as { detail: string }).detail]).toEqual([
      401,
      "The key was revoked.",
    ]);
  });

  it("accepts the former token of a rotated key until the overlap ends", async () => {
    const { post, issue, repository, passTime } = await openToOthers();
    const { id, headers } = await issue();
    const { token } = await repository.rotate(id, 3_600_000);
    expect((await post("/api/ask", question, headers)).status).toBe(200);
    expect((await post("/api/ask", question, { Authorization: `Bearer ${token}` })).status).toBe(200);
    await repository.rotate(id, 0);
    passTime();
    expect((await post("/api/ask", question, headers)).status).toBe(401);
  });

  it("lets a read key read and vote, and not write", async () => {
    const { app, issue } = await openToOthers();
    const { headers } = await issue();
    const put = (more: object) =>
      app.request("/api/foods/satay", {
        method: "PUT",
        body: JSON.stringify(food),
        headers: { "Content-Type": "application/json", ...more },
      });
    expect((await app.request("/api/foods", { headers })).status).toBe(200);
    const refused = await put(headers);
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ detail: "The key lacks the scope write." });
    expect((await app.request("/api/foods/pho", { method: "DELETE", headers })).status).toBe(403);
    expect((await app.request("/api/foods/satay", { headers })).status).toBe(404);
    const writer = await issue({ scopes: ["read", "write"] });
    expect((await put(writer.headers)).status).toBe(200);
    const onlyWriter = await issue({ scopes: ["write"] });
    expect((await app.request("/api/foods/pho", { headers: onlyWriter.headers })).status).toBe(403);
  });

  it("keeps a key to its namespaces (SEC-6)", async () => {
    const { app, post, issue } = await openToOthers();
    const { headers } = await issue({ scopes: ["read", "write"], namespaces: ["tenant-a"] });
    for (const path of [
      "/api/foods?namespace=tenant-b",
      "/api/foods?namespace=",
      "/api/foods/pho?namespace=tenant-b",
      "/api/foods/facets?namespace=tenant-b",
    ]) {
      expect((await app.request(path, { headers })).status, path).toBe(403);
    }
    const write = {
      method: "PUT",
      body: JSON.stringify(food),
      headers: { "Content-Type": "application/json", ...headers },
    };
    expect((await app.request("/api/foods/satay?namespace=tenant-b", write)).status).toBe(403);
    expect((await post("/api/ask", { ...question, namespace: "tenant-b" }, headers)).status).toBe(403);
    expect((await post("/api/search", { text: "pho", namespace: "" }, headers)).status).toBe(403);
    expect((await app.request("/api/foods/satay", write)).status).toBe(200);
    // Without a name it is the key's namespace, not the default one of the service.
    const own = await (await app.request("/api/foods", { headers })).json();
    expect(own).toMatchObject({ foods: [{ id: "satay" }] });
    const all = await issue();
    expect((await app.request("/api/foods/satay", { headers: all.headers })).status).toBe(404);
  });

  it("asks for the namespace if a key has several", async () => {
    const { app, issue } = await openToOthers();
    const { headers } = await issue({ namespaces: ["a", "b"] });
    expect((await app.request("/api/foods", { headers })).status).toBe(400);
    expect((await app.request("/api/foods?namespace=a", { headers })).status).toBe(200);
  });

  it("slows down who tries keys", async () => {
    const { post, issue } = await openToOthers();
    const { headers } = await issue();
    await post("/api/ask", question, headers);
    const wrong = { Authorization: `Bearer ragfood_0123456789ab_${"x".repeat(43)}` };
    const statuses = new Set<number>();
    for (let attempt = 0; attempt < 32; attempt++)
      statuses.add((await post("/api/ask", question, wrong)).status);
    expect([...statuses]).toEqual([401, 429]);
    // Who has a key is not locked out by others behind the same address.
    expect((await post("/api/ask", question, headers)).status).toBe(200);
    const { headers: unused } = await issue();
    expect((await post("/api/ask", question, unused)).status).toBe(200);
  });

  it("limits the requests a minute of each key", async () => {
    const keys = await testKeys();
    const access = { ...localAccess, host: "0.0.0.0", keys: keys.verifier, requestsPerMinute: 2 };
    const { app } = await testService({ parts: { access } });
    const { headers } = await keys.issue();
    const other = await keys.issue();
    const get = async (own: object) => await app.request("/api/foods", { headers: { ...own } });
    expect([(await get(headers)).status, (await get(headers)).status]).toEqual([200, 200]);
    const limited = await get(headers);
    expect(limited.status).toBe(429);
    expect(Number(limited.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await get(other.headers)).status).toBe(200);
  });
});

describe("remembered keys", () => {
  const valid: KeyVerification = { status: "valid", key: { id: "k" } as never };
  const outage = new StateError("unavailable", "down");
  const never = new Promise<KeyVerification>(() => {});

  function verifier() {
    let now = 0;
    let answer: KeyVerification | Error | Promise<KeyVerification> = valid;
    let looks = 0;
    const keys = new CachedKeys(
      {
        verify: async () => {
          looks++;
          if (answer instanceof Error) throw answer;
          return answer;
        },
      },
      () => now,
    );
    return {
      keys,
      looks: () => looks,
      pass: (milliseconds: number) => {
        now += milliseconds;
      },
      become: (next: KeyVerification | Error | Promise<KeyVerification>) => {
        answer = next;
      },
    };
  }

  it("are looked up once for requests at the same time, and again after two seconds", async () => {
    const { keys, looks, pass } = verifier();
    await Promise.all([keys.verify("t"), keys.verify("t"), keys.verify("u")]);
    expect(looks()).toBe(2);
    await keys.verify("t");
    pass(2_001);
    await keys.verify("t");
    expect(looks()).toBe(3);
  });

  it("are accepted for five minutes while the database is away; unknown ones are not", async () => {
    const { keys, pass, become } = verifier();
    await keys.verify("t");
    become(outage);
    pass(10_000);
    expect(await keys.verify("t")).toBe(valid);
    await expect(keys.verify("other")).rejects.toThrow(outage);
    pass(300_000);
    await expect(keys.verify("t")).rejects.toThrow(outage);
  });

  it("are accepted at once while the database hangs", async () => {
    const { keys, pass, become } = verifier();
    await keys.verify("t");
    become(never);
    pass(10_000);
    expect(await keys.verify("t")).toBe(valid);
  });

  it("are not looked up for each request while the database is away", async () => {
    const { keys, looks, pass, become } = verifier();
    await keys.verify("t");
    become(outage);
    pass(10_000);
    for (let request = 0; request < 10; request++) await keys.verify("t");
    expect(looks()).toBe(2);
    pass(1_001);
    await keys.verify("t");
    expect(looks()).toBe(3);
  });

  it("stay refused while the database is away, if they were revoked before", async () => {
    const { keys, pass, become } = verifier();
    become({ status: "revoked" });
    await keys.verify("t");
    become(outage);
    pass(2_001);
    await expect(keys.verify("t")).rejects.toThrow(outage);
  });
});
