import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startCli } from "../helpers/run-cli.ts";
import { runHere } from "../helpers/run-here.ts";
import {
  blockedWay,
  chromaProject,
  environmentOf,
  eventsOf,
  lossyWay,
  slowWay,
  startIndex,
} from "./migrate-helpers.ts";

const count = 240;
const run = ["migrate", "run", "--from", "chroma_db", "--to", "upstash", "--vectors", "keep", "--json"];

function importOf(out: string): Record<string, unknown> {
  const [ended] = eventsOf(out).filter(({ type, phase }) => type === "phase-end" && phase === "import");
  return ended ?? {};
}

describe("migrate run, interrupted", () => {
  it("continues after SIGKILL in the middle of the import: nothing lost, nothing extra (MIG-5)", async () => {
    const directory = chromaProject(count);
    const index = await startIndex();
    const way = await blockedWay(index.url);
    const environment = environmentOf(way.url, index.token);
    const options = { directory, environment: { ...environment, REQUEST_CONCURRENCY: "1" } };
    const killed = startCli(run, options);
    await killed.printed('"type":"batch-end","records":');
    killed.kill("SIGKILL");
    expect((await killed.finished).code).toBe(null);
    const written = await index.count();
    expect(written).toBeGreaterThan(0);
    expect(written).toBeLessThan(count);
    way.open();
    const resumed = await runHere(run, options);
    expect(resumed).toMatchObject({ code: 0 });
    const skipped = eventsOf(resumed.out).filter(({ type }) => type === "phase-skip");
    expect(skipped.map(({ phase }) => phase)).toEqual(["backup", "plan", "export", "check"]);
    expect(importOf(resumed.out).summary).toMatch(/[1-9][\d,]* already there/);
    expect(eventsOf(resumed.out).at(-1)).toMatchObject({ isComplete: true });
    expect(await index.count()).toBe(count);
  });

  it("ends at Ctrl-C with the sentence that says how to continue (MIG-5)", async () => {
    const directory = chromaProject(count);
    const index = await startIndex();
    const environment = environmentOf(await slowWay(index.url), index.token);
    const options = { directory, environment: { ...environment, REQUEST_CONCURRENCY: "1" } };
    const stopped = startCli(run, options);
    await stopped.printed('"type":"batch-end","records":');
    stopped.kill("SIGINT");
    const { code, out } = await stopped.finished;
    expect(code).toBe(130);
    const migrations = join(directory, ".ragfood", "migrations");
    const [name = ""] = readdirSync(migrations);
    expect(readFileSync(join(migrations, name, "report.md"), "utf8")).toContain("| import | stopped |");
    const status = await runHere(["migrate", "status", "--name", name], { directory });
    expect([status.code, status.out]).toEqual([
      1,
      expect.stringMatching(/not complete[\s\S]*\n {2}import +stopped /),
    ]);
    expect(eventsOf(out).at(-1)).toMatchObject({
      error: {
        code: "cancelled",
        message: expect.stringMatching(/^Stopped in the phase import\. .* of 240 records are in the target/),
        hint: "Run the same command again: it continues where it stopped.",
      },
    });
  });

  it("completes on a network that loses every fifth request, and shows no token (REL-2, SEC-1)", async () => {
    const directory = chromaProject(count);
    const index = await startIndex();
    const way = await lossyWay(index.url);
    const options = { directory, environment: environmentOf(way.url, index.token) };
    const migrated = await runHere(["migrate", "import", ...run.slice(2), "--name", "lossy"], options);
    expect(migrated).toMatchObject({ code: 0 });
    const verified = await runHere(["migrate", "verify", ...run.slice(2)], options);
    expect(verified).toMatchObject({ code: 0 });
    expect(way.lost()).toBeGreaterThan(0);
    expect(await index.count()).toBe(count);
    const kept = readdirSync(join(directory, ".ragfood"), { recursive: true, encoding: "utf8" })
      .map((name) => join(directory, ".ragfood", name))
      .filter((file) => statSync(file).isFile());
    const reported = [migrated.out, migrated.error, ...kept.map((file) => readFileSync(file, "latin1"))];
    expect(kept.length).toBeGreaterThan(0);
    for (const text of reported) expect(text).not.toContain(index.token);
  });

  it("stops cleanly at the daily quota, and continues when it is renewed", async () => {
    const directory = chromaProject(count);
    const index = await startIndex({ faults: { dailyWrites: 160 } });
    const options = { directory, environment: index.environment };
    const stopped = await runHere(run, options);
    expect(stopped.code).toBe(1);
    expect(eventsOf(stopped.out)).toContainEqual(
      expect.objectContaining({
        type: "phase-refuse",
        phase: "import",
        advice: expect.stringContaining("renewed at 00:00 UTC"),
      }),
    );
    expect(eventsOf(stopped.out).map(({ phase }) => phase)).not.toContain("verify");
    index.setFaults({ dailyWrites: 0 });
    const resumed = await runHere(["migrate", "import", ...run.slice(2)], options);
    expect(resumed).toMatchObject({ code: 0, error: expect.stringMatching(/[1-9]\d* already there/) });
    expect(await index.count()).toBe(count);
  });
});
