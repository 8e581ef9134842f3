import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/foundation/errors.ts";
import { ledgerFile, readOmissions } from "../../../src/migration/ledger/index.ts";
import { parseKeys, refusalRule } from "../../../src/migration/omission/index.ts";
import { refusalHash } from "../../../src/migration/omission.ts";
import { parseFilter } from "../../../src/store/filter.ts";
import { environmentOf, startIndex } from "../../cli/migrate-helpers.ts";
import { startServer } from "../../helpers/http-server.ts";
import { runHere } from "../../helpers/run-here.ts";
import { chromaOf, project } from "./helpers.ts";

const large = "x".repeat(50_000);
/** Two of them have metadata of 50 KB, of which one field is the cause. */
const oversized = (count = 12) =>
  chromaOf(count, (_, number) =>
    number === 3 || number === 7 ? { metadata: { calories: number, page: large } } : {},
  );

/** An index behind a server that refuses these ids, as a rule that no limit states. */
async function refusingServer(url: string, refuses: (id: string) => boolean): Promise<string> {
  const server = await startServer(async ({ method, url: path, headers, body }, response) => {
    const isWrite = path.startsWith("/upsert");
    if (isWrite && (JSON.parse(body) as { id: string }[]).some(({ id }) => refuses(id))) {
      response.writeHead(422, { "Content-Type": "application/json" });
      response.end(JSON.stringify({ error: "Nobody eats that", status: 422 }));
      return;
    }
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: headers.authorization ?? "", "content-type": "application/json" },
      ...(body !== "" && { body }),
    });
    response
      .writeHead(answer.status, { "Content-Type": "application/json" })
      .end(Buffer.from(await answer.arrayBuffer()));
  });
  return server.url;
}

describe("records that the target cannot hold (MIG-5)", () => {
  it("stop the plan, which names the field and both ways out; nothing is written", async () => {
    const { run, directory } = project();
    const { refused } = await run(oversized(), `embedded:${join(directory, "index")}`);
    expect(refused).toMatchObject({ phase: "plan" });
    expect(refused?.found).toContain('the field "page"');
    expect(refused?.advice).toContain("--drop-keys");
    expect(refused?.advice).toContain("--skip-refused");
  });

  it("are left out with --skip-refused: listed in ledger, report and verification; never just complete", async () => {
    const { run, directory, settings } = project();
    const to = `embedded:${join(directory, "index")}`;
    const source = oversized();
    const result = await run(source, to, { skipRefused: true });
    expect(result.refused).toBeUndefined();
    expect(result.isComplete).toBe(true);
    expect(result.completeness).toBe('complete without 2 records (--skip-refused: "food-3", "food-7")');
    expect(result.proof.records).toMatch(/^10 of 12 records identical; without 2 records/);
    const { name, directory: place } = result.migration;
    const listed = readOmissions(ledgerFile(settings.directory, name));
    expect(listed.map(({ id, field }) => [id, field])).toEqual([
      ["food-3", undefined],
      ["food-7", undefined],
    ]);
    expect(listed[0]?.reason).toContain('of them the field "page"');
    const differences = readFileSync(join(place, "differences.jsonl"), "utf8").trim().split("\n");
    expect(differences.map((line) => JSON.parse(line))).toMatchObject([
      { kind: "omitted-record", id: "food-3" },
      { kind: "omitted-record", id: "food-7" },
    ]);
    const report = readFileSync(join(place, "report.md"), "utf8");
    expect(report).toMatch(/^# Migration .*: complete without 2 records/);
    expect(report).toContain("omitted-record is left out by --skip-refused");
    // The dump keeps what the target cannot hold.
    expect(report).toMatch(/export \| done .*12 records/);
    // A second run proves the same without a write.
    const again = await run(source, to, { skipRefused: true });
    expect(again.completeness).toBe(result.completeness);
  });

  it("keep their other fields with --drop-keys: each field that is left out is listed", async () => {
    const { run, directory, settings } = project();
    const to = `embedded:${join(directory, "index")}`;
    const result = await run(oversized(), to, { droppedKeys: ["page"] });
    expect(result.completeness).toBe('complete without 2 fields (--drop-keys: "page")');
    expect(result.proof.records).toMatch(/^12 of 12 records identical; without 2 fields/);
    expect(readOmissions(ledgerFile(settings.directory, result.migration.name))).toEqual([
      { id: "food-3", field: "page", reason: "is left out by --drop-keys" },
      { id: "food-7", field: "page", reason: "is left out by --drop-keys" },
    ]);
    const target = await result.migration.openTarget("read");
    const [third] = await target.store.fetch(["food-3"], { namespace: "" });
    await target.close();
    expect(third?.metadata).toEqual({ calories: 3 });
  });

  it("are not left out if every record is: that leaves nothing to migrate", async () => {
    const { run, directory } = project();
    const all = chromaOf(4, () => ({ metadata: { page: large } }));
    const to = `embedded:${join(directory, "index")}`;
    const { refused } = await run(all, to, { skipRefused: true });
    expect(refused).toMatchObject({ phase: "plan", found: expect.stringContaining("no record is left") });
  });

  it("are found as extra if the target has one of them: verification is not blind to ids that are left out", async () => {
    const index = await startIndex();
    const { directory } = project();
    const here = { directory, environment: index.environment };
    const sides = ["--from", oversized(), "--to", "upstash", "--skip-refused"];
    expect(await runHere(["migrate", "import", ...sides], here)).toMatchObject({ code: 0 });
    expect(await runHere(["migrate", "verify", ...sides], here)).toMatchObject({ code: 0 });
    await index.client.upsert({ id: "food-3", vector: [1, 2, 3, 4] });
    const { code, out } = await runHere(["migrate", "verify", ...sides], here);
    expect(code).toBe(1);
    expect(out).toContain('`"food-3"` extra is only in the target');
  });
});

describe("records that the target itself refuses, by a rule that the plan does not know (MIG-5)", () => {
  it("stop the import; with --skip-refused they are listed and the rest is proven", async () => {
    const index = await startIndex();
    let isStrict = true;
    const url = await refusingServer(index.url, (id) => isStrict && id === "food-5");
    const { run, settings, directory } = project(environmentOf(url, index.token));
    const source = chromaOf(12);
    const plain = await run(source, "upstash", { name: "foods" });
    expect(plain.refused).toMatchObject({ phase: "import", found: expect.stringContaining("food-5") });
    expect(plain.refused?.advice).toContain("--skip-refused");
    const skipped = await run(source, "upstash", { name: "foods", skipRefused: true });
    expect(skipped.refused).toBeUndefined();
    expect(skipped.completeness).toBe('complete without 1 record (--skip-refused: "food-5")');
    const listed = readOmissions(ledgerFile(settings.directory, "foods"));
    expect(listed).toMatchObject([{ id: "food-5", reason: expect.stringContaining("Nobody eats that") }]);
    expect(await index.count()).toBe(11);
    // Another content of the record is sent again.
    isStrict = false;
    const corrected = chromaOf(12, (_, number) => (number === 5 ? { text: "Edible after all." } : {}));
    const sides = ["--from", corrected, "--to", "upstash", "--overwrite", "--skip-refused"];
    const here = { directory, environment: environmentOf(url, index.token) };
    expect(await runHere(["migrate", "import", ...sides], here)).toMatchObject({ code: 0 });
    expect(await index.count()).toBe(12);
  });

  it("do not make the comparison fail if the source is a store, which answers queries with them too", async () => {
    const index = await startIndex();
    const url = await refusingServer(index.url, (id) => id === "food-5");
    const { run, directory } = project(environmentOf(url, index.token));
    const source = `embedded:${join(directory, "source")}`;
    expect((await run(chromaOf(12), source)).refused).toBeUndefined();
    expect((await run(source, "upstash", { name: "on" })).refused).toMatchObject({ phase: "import" });
    const skipped = await run(source, "upstash", { name: "on", skipRefused: true });
    expect(skipped.refused).toBeUndefined();
    expect(skipped.completeness).toBe('complete without 1 record (--skip-refused: "food-5")');
  });
});

describe("integers beyond 2^53 that are kept as text on request (MIG-14)", () => {
  const withTweets = () =>
    chromaOf(6, (_, number) => (number === 2 ? { metadata: { tweet: 1_610_521_604_143_693_812n } } : {}));

  it("are named by the plan, the verification and the last line: never just complete, never identical", async () => {
    const { run, directory } = project();
    const to = `embedded:${join(directory, "index")}`;
    const { completeness, proof, events, migration } = await run(withTweets(), to, { largeIntegers: "text" });
    expect(completeness).toBe('complete with integers as text in 1 field (--large-integers: "tweet")');
    expect(proof.records).toMatch(/^5 of 6 records identical; with integers as text in 1 field/);
    expect(events).toContainEqual(
      expect.objectContaining({ phase: "plan", code: "altered-field", recordCount: 1, ids: ["food-2"] }),
    );
    const listed = readFileSync(join(migration.directory, "differences.jsonl"), "utf8");
    expect(JSON.parse(listed)).toMatchObject({ kind: "altered-field", id: "food-2", path: "tweet" });
  });

  it("are not named if their record or their field is left out, nor without any", async () => {
    const { run, directory } = project();
    const options = { largeIntegers: "text" } as const;
    const to = (name: string) => `embedded:${join(directory, name)}`;
    expect((await run(chromaOf(6), to("none"), options)).completeness).toBe("complete");
    const dropped = await run(withTweets(), to("dropped"), { ...options, droppedKeys: ["tweet"] });
    expect(dropped.completeness).toBe('complete without 1 field (--drop-keys: "tweet")');
    const filter = parseFilter("calories >= 0");
    expect((await run(withTweets(), to("part"), { ...options, filter })).completeness).toBe("complete");
  });
});

describe("the rule of --skip-refused", () => {
  const record = { id: "a", text: "Soup", metadata: {}, vector: [1, 2] };
  const carried = { embedding: "carried" } as const;
  const limits = { holder: "index", index: { type: "DENSE", dimension: 2 }, embedding: "carried" } as const;
  const refused = new Map([["a", { reason: "not here", hash: refusalHash(record, carried) }]]);
  const rule = refusalRule({ transformation: carried, limits, refused });

  it("knows a record that the target refused, and sends it again with another content", () => {
    expect(rule(record)).toMatchObject({ reason: "not here" });
    expect(rule({ ...record, text: "Stew" })).toBeUndefined();
  });

  it("leaves nothing out that the dump cannot hold either: that stops the migration", () => {
    const dumpLimits = { holder: "dump", dimension: 2 } as const;
    const strict = refusalRule({ transformation: carried, limits, dumpLimits, refused });
    const endless = { ...record, metadata: { calories: Number.POSITIVE_INFINITY } };
    expect(rule(endless)).toBeDefined();
    expect(strict(endless)).toBeUndefined();
  });
});

describe("the keys of --drop-keys", () => {
  it.each([
    ["page", ["page"]],
    ["page, Header 1,page", ["page", "Header 1"]],
    ['["a,b",""]', ["a,b", ""]],
  ])("the list of --drop-keys is read: %s", (text, keys) => {
    expect(parseKeys(text)).toEqual(keys);
  });

  it.each(["", "a,,b", "[", "[]", "[1]"])("the list of --drop-keys is refused: %j", (text) => {
    expect(() => parseKeys(text)).toThrow(UsageError);
  });

  it("stop the plan if no record has one of them", async () => {
    const { directory } = project();
    const sides = ["--from", oversized(), "--to", `embedded:${join(directory, "index")}`];
    const { code, out } = await runHere(["migrate", "run", ...sides, "--drop-keys", "page,pages"], {
      directory,
    });
    expect(code).toBe(1);
    expect(out).toMatch(/STOP +plan .*No record has the metadata key "pages" of --drop-keys/);
  });

  it("are named by the last line of a run and by migrate status", async () => {
    const { directory } = project();
    const sides = ["--from", oversized(), "--to", `embedded:${join(directory, "index")}`];
    const options = ["--name", "foods", "--drop-keys", "page"];
    const { code, out } = await runHere(["migrate", "run", ...sides, ...options], { directory });
    expect(out).toContain('Complete without 2 fields (--drop-keys: "page").');
    expect(out).not.toMatch(/^Complete\.$/m);
    expect(code).toBe(0);
    const status = await runHere(["migrate", "status", "--name", "foods"], { directory });
    expect(status.out).toContain('foods: complete without 2 fields (--drop-keys: "page")');
    const verified = await runHere(["migrate", "verify", ...sides, ...options], { directory });
    expect(verified.code).toBe(0);
    expect(verified.out).toContain("passed, without what is left out on request");
    const repaired = await runHere(["migrate", "repair", ...sides, ...options], { directory });
    expect(repaired.code).toBe(0);
    expect(repaired.out).toContain("nothing differs any more, except what is left out on request");
  });
});
