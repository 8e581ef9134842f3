import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { runHere } from "../helpers/run-here.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

async function json(
  directory: string,
  ...words: string[]
): Promise<Record<"id" | "token", string> & Record<string, unknown>> {
  const { out, code, error } = await runHere([...words, "--json"], { directory });
  expect(error).toBe("");
  expect(code).toBe(0);
  return JSON.parse(out);
}

describe("ragfood keys (SEC-5, SEC-6)", () => {
  it("prints the token once, on standard output alone", async () => {
    const directory = temporaryDirectory();
    const created = await runHere(["keys", "create", "kitchen app"], { directory });
    expect(created.out).toMatch(/^ragfood_[0-9a-f]{12}_[\w-]{43}\n$/);
    expect(created.error).toContain("kitchen app · read · all namespaces");
    const listed = await runHere(["keys", "list"], { directory });
    expect(listed.out).toContain("never used");
    expect(`${listed.out}${created.error}`).not.toContain(created.out.trim().slice(-43));
  });

  it("binds a key to scopes and namespaces", async () => {
    const directory = temporaryDirectory();
    const words = ["--scope", "read", "--scope", "write", "--namespace", "a", "--namespace", "(default)"];
    await json(directory, "keys", "create", "importer", ...words);
    const { keys } = await json(directory, "keys", "list");
    expect(keys).toMatchObject([{ name: "importer", scopes: ["read", "write"], namespaces: ["a", ""] }]);
  });

  it("rotates with an overlap, and revokes", async () => {
    const directory = temporaryDirectory();
    const { id, token } = await json(directory, "keys", "create", "app");
    const rotated = await json(directory, "keys", "rotate", id);
    expect(rotated).toMatchObject({ id, overlapEndsAt: expect.any(String) });
    expect(rotated.token).not.toBe(token);
    expect(await json(directory, "keys", "revoke", id)).toMatchObject({ id, revokedAt: expect.any(String) });
    const again = await runHere(["keys", "rotate", id], { directory });
    expect(again.code).toBe(2);
    expect(again.error).toContain("was revoked");
  });

  it("refuses a key that could never operate the service, and creates none", async () => {
    const directory = temporaryDirectory();
    const words = ["keys", "create", "ops", "--scope", "read", "--scope", "operate", "--namespace", "a"];
    const refused = await runHere(words, { directory });
    expect([refused.code, refused.out]).toEqual([2, ""]);
    expect(refused.error).toContain("cannot operate the service");
    expect((await json(directory, "keys", "list")).keys).toEqual([]);
  });

  it("says that a project has no keys, and makes no state to find out", async () => {
    const directory = temporaryDirectory();
    const listed = await runHere(["keys", "list"], { directory });
    expect([listed.code, listed.out]).toEqual([0, expect.stringContaining("There are no keys.")]);
    expect((await json(directory, "keys", "list")).keys).toEqual([]);
    const revoked = await runHere(["keys", "revoke", "3f9a1c02b7de"], { directory });
    expect([revoked.code, revoked.error]).toEqual([2, expect.stringContaining("has no keys")]);
    expect(readdirSync(directory)).toEqual([]);
  });

  it("names an unknown scope and an unknown key", async () => {
    const directory = temporaryDirectory();
    const scope = await runHere(["keys", "create", "app", "--scope", "admin"], { directory });
    expect([scope.code, scope.error]).toEqual([2, expect.stringContaining("read, write, operate")]);
    await runHere(["keys", "create", "app"], { directory });
    const missing = await runHere(["keys", "revoke", "nothing"], { directory });
    expect([missing.code, missing.error]).toEqual([2, expect.stringContaining("ragfood keys list")]);
  });
});
