import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runHere } from "../helpers/run-here.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

const environment = {
  STORE: "embedded",
  CUTOVER_TO: "upstash",
  UPSTASH_VECTOR_REST_URL: "https://example-us1-vector.upstash.io",
  UPSTASH_VECTOR_REST_TOKEN: "token-of-an-index-that-is-not-called",
};

describe("ragfood cutover (CUT-1, CUT-2)", () => {
  it("starts, refuses what is not ready, rolls back, and keeps the history", async () => {
    const directory = temporaryDirectory();
    const cutover = (...words: string[]) => runHere(["cutover", ...words], { directory, environment });
    expect((await cutover()).out).toContain("Stage: source (source leads)");
    const started = await cutover("start", "--reason", "change 4711");
    expect([started.code, started.error]).toEqual([0, expect.stringContaining("keep a backup")]);
    expect(started.out).toContain("Stage: dual-write");
    const advanced = await cutover("advance");
    expect([advanced.code, advanced.out]).toEqual([
      1,
      expect.stringContaining("The target does not hold every record yet."),
    ]);
    expect((await cutover("rollback", "--json")).code).toBe(0);
    expect((await cutover("cancel")).code).toBe(1);
    expect((await cutover("finish")).out).toContain("Nothing was changed");
    const { changes } = JSON.parse((await cutover("history", "--json")).out);
    expect(changes).toMatchObject([
      { event: "rollback", from: "dual-write", to: "source" },
      { event: "start", from: "source", to: "dual-write", reason: "change 4711" },
    ]);
    expect((await cutover("history")).out).toContain("start: source to dual-write");
  });

  it("finishes with an archive only after a confirmation, and removes nothing if it cannot finish (CUT-4)", async () => {
    const directory = temporaryDirectory();
    const finish = (...words: string[]) =>
      runHere(["cutover", "finish", "--archive", "chroma_db", ...words], { directory, environment });
    expect((await finish("--yes")).error).toContain("chroma_db is not a directory");
    mkdirSync(join(directory, "chroma_db"));
    const asked = await finish();
    expect([asked.code, asked.error]).toEqual([2, expect.stringContaining("Confirm it with --yes.")]);
    expect((await finish("--yes")).code).toBe(1);
    expect(existsSync(join(directory, "chroma_db"))).toBe(true);
  });

  it("needs a store to move to", async () => {
    const { code, error } = await runHere(["cutover"], { directory: temporaryDirectory() });
    expect([code, error]).toEqual([2, expect.stringContaining("CUTOVER_TO=upstash")]);
  });
});
