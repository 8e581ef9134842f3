import { randomBytes } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { Index } from "@upstash/vector";
import { describe, expect, it, onTestFinished } from "vitest";
import { defaultSettings, startEmulator } from "../../src/embedded/index.ts";
import { sampleFoods } from "../helpers/foods.ts";
import { writeFormerQueue } from "../helpers/former-queue.ts";
import { runHere } from "../helpers/run-here.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

/** A project on an index in the cloud, which an emulator plays. */
async function cloudProject(settings: Record<string, string>, foods: readonly object[] = sampleFoods) {
  const emulator = await startEmulator();
  onTestFinished(() => emulator.close());
  const directory = temporaryDirectory();
  const JSON_FILE = join(directory, "foods.json");
  writeFileSync(JSON_FILE, JSON.stringify(foods));
  const environment: Record<string, string> = {
    JSON_FILE,
    RAGFOOD_DIR: directory,
    GENERATOR: "extractive",
    REQUEST_RETRIES: "0",
    UPSTASH_VECTOR_REST_URL: emulator.url,
    UPSTASH_VECTOR_REST_TOKEN: emulator.token,
    ...settings,
  };
  return {
    emulator,
    directory,
    environment,
    run: (...words: string[]) => runHere(words, { directory, environment }),
  };
}

describe("a fallback (VEC-8, VEC-9)", () => {
  /** A filled project whose index in the cloud has gone down. */
  async function downProject() {
    const cloud = await cloudProject({ FALLBACK: "embedded", FALLBACK_AFTER_MS: "5000" });
    const ingested = await cloud.run("ingest");
    cloud.emulator.setFaults({ isDown: true });
    return { ...cloud, ingested };
  }

  const notice =
    "failed: Service Unavailable. Answered from the embedded index, which holds what was last ingested into it.";

  it("is filled by an ingest, beside the primary store", async () => {
    const { ingested } = await downProject();
    expect(ingested.out).toContain("5 records in the default namespace of the upstash index");
    expect(ingested.out).toContain("5 records in the default namespace of the embedded index");
  });

  it("is silent while the primary store answers", async () => {
    const { run } = await cloudProject({ FALLBACK: "embedded", FALLBACK_AFTER_MS: "5000" });
    await run("ingest");
    const answer = await run("ask", "Which curry is fiery?");
    expect(answer.out).toContain("· upstash index ·");
    expect(answer.error).toBe("");
  });

  it("answers from the embedded index while the cloud is down, and says so", async () => {
    const { run } = await downProject();
    const { code, out, error } = await run("ask", "Which curry is fiery?");
    expect(code).toBe(0);
    expect(out).toMatch(/^\[1\] India · Curry/m);
    expect(out).toContain("· embedded index ·");
    expect(error).toContain(notice);
  });

  it.each([
    ["ask", "Which curry is fiery?"],
    ["search", "fiery curry"],
  ])("names the store that answered %s in --json, once", async (command, text) => {
    const { run } = await downProject();
    expect(JSON.parse((await run(command, text, "--json")).out)).toMatchObject({
      store: "embedded",
      sources: [{ id: "vindaloo" }],
      notices: [expect.stringContaining(notice)],
    });
  });

  it("does not take writes in the place of the primary store", async () => {
    const { run } = await downProject();
    const { code, error } = await run("ingest");
    expect(code).toBe(1);
    expect(error).toContain("Service Unavailable");
  });

  it("answers from a second index in another region", async () => {
    const second = await startEmulator();
    onTestFinished(() => second.close());
    const { emulator, run } = await cloudProject({
      FALLBACK: "upstash",
      FALLBACK_VECTOR_REST_URL: second.url,
      FALLBACK_VECTOR_REST_TOKEN: second.token,
    });
    await run("ingest");
    await emulator.close();
    const answer = await run("ask", "Which curry is fiery?");
    expect(answer.out).toContain("· upstash-secondary index ·");
    expect(answer.error).toContain("ECONNREFUSED");
  });

  it("does not answer from an index that was never filled", async () => {
    const { emulator, run } = await cloudProject({ FALLBACK: "embedded" });
    emulator.setFaults({ isDown: true });
    const answer = await run("ask", "Which curry is fiery?");
    expect(answer.code).toBe(1);
    expect(answer.error).toMatch(/Service Unavailable.*holds nothing in the default namespace/);
    expect(answer.error).toContain("ragfood ingest");
  });
});

describe("queue", () => {
  /** A project with two waiting writes, of which the index takes only the first. */
  async function queueProject() {
    const cloud = await cloudProject({ OUTAGE_WRITES: "queue" });
    const writeOf = (id: string, metadata: object) => {
      const write = { operation: "upsert", documents: [{ id, text: id, metadata }] };
      return { target: cloud.emulator.url, write };
    };
    // Of an earlier version: the first command imports them.
    writeFormerQueue(join(cloud.directory, "write-queue.sqlite"), [
      writeOf("fits", {}),
      writeOf("too large", { much: "x".repeat(60_000) }),
    ]);
    return cloud;
  }

  it("is empty before anything was queued", async () => {
    const { run } = await cloudProject({ OUTAGE_WRITES: "queue" });
    expect((await run("queue")).out).toBe("0 waiting, 0 parked, 0.0 MiB\n");
  });

  it("shows how many writes wait, since when and why", async () => {
    const { run } = await queueProject();
    const { out, error } = await run("queue");
    expect(out).toMatch(
      /^2 waiting, 0 parked, 0\.1 MiB\nOldest: 1: document of fits in the default namespace, since 2023-/,
    );
    expect(error).toMatch(/^2 writes of the queue at .* now wait in the outbox, 0 parked: ragfood queue/);
    expect((await run("queue")).error).toBe("");
  });

  it.each(["drain", "ingest"])("keeps the writes if the index is down: %s fails", async (word) => {
    const { emulator, run } = await queueProject();
    emulator.setFaults({ isDown: true });
    const { code, error } = await (word === "drain" ? run("queue", "drain") : run("ingest"));
    expect(code).toBe(1);
    expect(error).toContain("Service Unavailable");
    expect((await run("queue")).out).toContain("2 waiting, 0 parked");
  });

  it("sends the writes, and parks one that the index refuses", async () => {
    const { run } = await queueProject();
    const { code, out, error } = await run("queue", "drain");
    expect(code).toBe(1);
    expect(error).toContain("1 sent, 1 refused and parked.");
    expect(out).toMatch(/0 waiting, 1 parked.*\nParked: 2: document of too large in/);
  });

  it("is sent before an ingest compares", async () => {
    const { run } = await queueProject();
    await run("queue", "drain");
    await run("queue", "retry", "--number", "2");
    expect((await run("ingest")).out).toContain("5 added");
    expect(JSON.parse((await run("queue", "--json")).out)).toMatchObject({
      waiting: 0,
      parked: [{ sequence: 3 }],
    });
  });

  it("drops parked writes only if it is said which", async () => {
    const { run } = await queueProject();
    await run("queue", "drain");
    expect((await run("queue", "discard")).code).toBe(2);
    const unconfirmed = await run("queue", "discard", "--all");
    expect(unconfirmed).toMatchObject({ code: 2, error: expect.stringContaining("--yes") });
    const { out } = await run("queue", "discard", "--all", "--yes");
    expect(out).toContain("0 waiting, 0 parked, 0.0 MiB");
  });

  it("shows a parked write with its content", async () => {
    const { run } = await queueProject();
    await run("queue", "drain");
    expect((await run("queue", "show", "--number", "2")).out).toMatch(/too large.*Reason: .*"much"/s);
    expect(JSON.parse((await run("queue", "show", "--number", "2", "--json")).out)).toMatchObject({
      id: "too large",
    });
    expect(await run("queue", "show", "--number", "9")).toMatchObject({ code: 1 });
    expect((await run("queue", "show")).code).toBe(2);
  });

  it("has no other action", async () => {
    const { run } = await cloudProject({ OUTAGE_WRITES: "queue" });
    expect((await run("queue", "explode")).code).toBe(2);
  });
});

describe("a queue with writes that cannot go out as they are", () => {
  const write = (id: string) =>
    ({ operation: "upsert", documents: [{ id, text: id, metadata: {} }] }) as const;

  it("parks a damaged one with its number, sends the rest, and doctor fails", async () => {
    const { emulator, directory, run } = await cloudProject({ OUTAGE_WRITES: "queue" });
    const entries = ["a", "b", "c"].map((id) => ({ target: emulator.url, write: write(id) }));
    writeFormerQueue(join(directory, "write-queue.sqlite"), entries);
    await run("queue");
    const database = new DatabaseSync(join(directory, "state.sqlite3"));
    database.exec("UPDATE cutover_marks SET operation = substr(operation, 1, 40) WHERE sequence = 2");
    database.close();
    const { code, error: status } = await run("queue");
    expect(code).toBe(1);
    expect(status).toContain("not sent: 2. ragfood queue drain parks them.");
    expect(status).toContain("ragfood queue discard --number 2");
    const drained = await run("queue", "drain");
    expect(drained).toMatchObject({ code: 1, error: expect.stringContaining("2 sent, 1") });
    expect(drained.out).toMatch(/0 waiting, 1 parked.*\nParked: 2: .*damaged/);
    expect((await run("doctor")).out).toMatch(/FAIL {2}Write queue: .*damaged and not sent: 2\n/);
    expect((await run("queue", "retry", "--all")).code).toBe(1);
    expect((await run("queue", "discard", "--number", "2", "--yes")).out).toContain("0 waiting, 0 parked");
    expect((await run("queue")).code).toBe(0);
  });

  it("sends writes for a former URL to the current index, or drops them", async () => {
    const { emulator, directory, run, environment } = await cloudProject({ OUTAGE_WRITES: "queue" });
    const entries = ["https://one.example", "https://two.example"].map((url) => ({
      target: url,
      write: write(url),
    }));
    writeFormerQueue(join(directory, "write-queue.sqlite"), entries);
    expect((await run("queue")).error).toContain("ragfood queue retry --from https://one.example");
    expect((await run("queue", "retry", "--from", "https://one.example", "--all")).code).toBe(2);
    const own = await run("queue", "retry", "--from", emulator.url);
    expect(own).toMatchObject({ code: 2, error: expect.stringContaining("is the outbox of the settings") });
    expect(await run("queue", "retry", "--from", "https://one.example", "--reason", "moved")).toMatchObject({
      code: 0,
      out: expect.stringContaining("1 waiting, 0 parked"),
    });
    expect((await run("queue", "history")).out).toMatch(
      / {2}retry of 1 write for https:\/\/one\.example, by \w+: moved\n$/,
    );
    expect(await run("queue", "drain")).toMatchObject({ code: 0 });
    expect(
      await new Index({ url: emulator.url, token: emulator.token }).fetch(["https://one.example"]),
    ).toHaveLength(1);
    // Also when the settings name no cloud index any more.
    Object.assign(environment, {
      UPSTASH_VECTOR_REST_URL: "",
      UPSTASH_VECTOR_REST_TOKEN: "",
      OUTAGE_WRITES: "refuse",
    });
    const dropped = await run("queue", "discard", "--from", "https://two.example", "--yes");
    expect(dropped).toMatchObject({ code: 0, error: expect.stringContaining("1 write dropped") });
    expect((await run("queue", "history")).out).toContain("discard of 1 write for https://two.example");
  });
});

describe("encryption (SEC-4)", () => {
  const key = () => randomBytes(32).toString("base64");

  /** A filled project whose texts, and the field `cook`, are encrypted with the first key. */
  async function encryptedProject() {
    const foods = sampleFoods.map((food) => ({
      ...food,
      summary: `${food.type} of ${food.region}`,
      cook: "Amma",
    }));
    const [first, second] = [key(), key()] as const;
    const cloud = await cloudProject(
      { ENCRYPTION_KEYS: first, ENCRYPTED_FIELDS: "cook", ENCRYPTED_TEXT_SUMMARY: "summary" },
      foods,
    );
    await cloud.run("ingest");
    return { ...cloud, first, second };
  }

  it("hides texts and fields from the index", async () => {
    const { emulator } = await encryptedProject();
    const response = await fetch(`${emulator.url}/range`, {
      method: "POST",
      headers: { Authorization: `Bearer ${emulator.token}` },
      body: JSON.stringify({ cursor: "0", limit: 10, includeMetadata: true, includeData: true }),
    });
    const stored = await response.text();
    expect(stored).toContain("Curry of India");
    expect(stored).not.toMatch(/Amma|vinegar|tomatoes/);
  });

  it("finds by the summary, and shows the text", async () => {
    const { run } = await encryptedProject();
    const { out } = await run("search", "curry of India");
    expect(out).toContain("Vindaloo is a fiery curry of pork, vinegar and chilies from Goa.");
  });

  it("writes nothing if nothing has changed", async () => {
    const { run } = await encryptedProject();
    expect((await run("ingest")).out).toContain("5 unchanged");
  });

  it("refuses a filter on an encrypted field", async () => {
    const { run } = await encryptedProject();
    const { error } = await run("search", "curry", "--filter", "cook = 'Amma'");
    expect(error).toContain('The field "cook" is encrypted');
  });

  it("is renewed under a new key, which then opens everything", async () => {
    const { environment, first, second, run } = await encryptedProject();
    environment.ENCRYPTION_KEYS = `${second},${first}`;
    const renewed = await run("encrypt");
    expect(renewed.out).toMatch(/^upstash, the default namespace: 5 records, 5 \w+/);
    expect(renewed.out).not.toContain(first);
    environment.ENCRYPTION_KEYS = second;
    expect((await run("search", "curry of India")).out).toContain("Vindaloo is a fiery curry");
  });

  it("is not opened by another key, which is named by its id only", async () => {
    const { environment, first, second, run } = await encryptedProject();
    environment.ENCRYPTION_KEYS = second;
    const { code, error } = await run("search", "curry of India");
    expect(code).toBe(1);
    expect(error).toMatch(/the key [0-9a-f]{12}, which is not given/);
    expect(error).not.toContain(first);
  });
});

describe("doctor (MIG-1)", () => {
  /** Its lines about policies, without making anything. */
  async function policyLines(run: (...words: string[]) => Promise<{ out: string }>): Promise<string[]> {
    const { out } = await run("doctor");
    return out.split("\n").filter((line) => /Secondary|Write queue|Encrypt/.test(line));
  }

  it("says of the secondary whether it answers, fits, and holds as much as the index (VEC-8)", async () => {
    const { emulator, directory, environment, run } = await cloudProject({ FALLBACK: "embedded" });
    expect(await policyLines(run)).toEqual([
      `warn  Secondary: none yet at ${join(directory, "index.sqlite")}`,
    ]);
    expect(existsSync(join(directory, "index.sqlite"))).toBe(false);
    await run("ingest");
    expect(await policyLines(run)).toEqual([
      "pass  Secondary: embedded: SPARSE, BM25, 5 records",
      "pass  Secondary settings: kind, dimension and model fit the settings",
      "pass  Secondary records: 5 records in 1 namespace, as many as the index",
      "pass  Secondary file: every record is as it was written",
    ]);
    const index = new Index({ url: emulator.url, token: emulator.token });
    await index.namespace("other").upsert({ id: "1", data: "soup" });
    await index.delete(["pho"]);
    expect(await policyLines(run)).toContain(
      'warn  Secondary records: 5 records in 1 namespace; the index holds others: 5 of 4 in the default namespace, 0 of 1 in the namespace "other"',
    );
    environment.NAMESPACE = "other";
    expect(await policyLines(run)).toContain(
      'warn  Secondary records: 5 records in 1 namespace, and nothing in the namespace "other": it cannot answer for it',
    );
    environment.NAMESPACE = "";
    emulator.setFaults({ isDown: true });
    expect(await policyLines(run)).toContain(
      "pass  Secondary records: 5 records in 1 namespace; not compared, since the index does not answer",
    );
  });

  it("names a second index that does not answer, or is of another kind", async () => {
    const second = await startEmulator({
      settings: { ...defaultSettings, type: "DENSE", dimension: 3, sparseEmbeddingModel: "" },
    });
    const { environment, run } = await cloudProject({
      FALLBACK: "upstash",
      FALLBACK_VECTOR_REST_URL: second.url,
      FALLBACK_VECTOR_REST_TOKEN: second.token,
    });
    const lines = await policyLines(run);
    expect(lines[0]).toBe("pass  Secondary: upstash-secondary: DENSE, 3 dimensions, no model, 0 records");
    expect(lines[1]).toMatch(/^FAIL {2}Secondary settings: The index has 3 dimensions/);
    await second.close();
    expect(await policyLines(run)).toEqual([expect.stringMatching(/^FAIL {2}Secondary: .*ECONNREFUSED/)]);
    expect(environment.FALLBACK).toBe("upstash");
  });

  it("counts the writes that wait and those that were refused", async () => {
    const { emulator, directory, run } = await cloudProject({ OUTAGE_WRITES: "queue" });
    expect(await policyLines(run)).toEqual(["pass  Write queue: 0 waiting, 0 parked"]);
    const write = { operation: "reset" };
    writeFormerQueue(join(directory, "write-queue.sqlite"), [
      { target: emulator.url, write, parkedMs: 1 },
      { target: emulator.url, write },
      { target: "https://elsewhere.example", write },
    ]);
    const { out } = await run("doctor");
    expect(out).toMatch(
      /warn {2}Write queue: 1 waiting since \d{4}-[^ ]+Z, 1 parked, 1 for other indexes\n {6}ragfood queue shows why/,
    );
  });

  it("names the keys by their ids, and a record that none of them opens (SEC-4)", async () => {
    const key = () => randomBytes(32).toString("base64");
    const [first, second] = [key(), key()] as const;
    const foods = sampleFoods.map((food) => ({ ...food, cook: "Amma" }));
    const { environment, run } = await cloudProject(
      { ENCRYPTION_KEYS: first, ENCRYPTED_FIELDS: "cook" },
      foods,
    );
    await run("ingest");
    const [keys, records] = await policyLines(run);
    expect(keys).toMatch(/^pass {2}Encryption keys: encrypts with the key [0-9a-f]{12}$/);
    expect(records).toBe(
      "pass  Encrypted records: the keys open 5 records of the default namespace that were tried",
    );
    environment.ENCRYPTION_KEYS = `${second},${first}`;
    expect((await policyLines(run))[0]).toMatch(/the key [0-9a-f]{12}, reads [0-9a-f]{12} too$/);
    environment.ENCRYPTION_KEYS = second;
    const { code, out } = await run("doctor");
    expect(code).toBe(1);
    expect(out).toMatch(/FAIL {2}Encrypted records: .*the key [0-9a-f]{12}, which is not given/);
    for (const secret of [first, second]) expect(out).not.toContain(secret);
  });
});
