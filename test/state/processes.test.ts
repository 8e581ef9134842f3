import { execFileSync, spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { openSqliteState } from "../../src/state/sqlite.ts";
import { itUnless, onWindows } from "../helpers/obstacles.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

const migrations = ["CREATE TABLE counters (value BIGINT NOT NULL); INSERT INTO counters VALUES (0);"];
const module = new URL("../../dist/state/sqlite.js", import.meta.url).href;

/** A process that counts up by one, and prints a line for each transaction that was acknowledged. */
function counter(path: string) {
  const script = `
    const { openSqliteState } = await import(${JSON.stringify(module)});
    const state = openSqliteState(${JSON.stringify(path)}, { migrations: ${JSON.stringify(migrations)} });
    for (;;) {
      await state.transaction(async (session) => {
        const { value } = await session.get("SELECT value FROM counters");
        await new Promise((resolve) => setTimeout(resolve, 1));
        await session.run("UPDATE counters SET value = ?", value + 1);
      });
      process.stdout.write("1\\n");
    }`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let acknowledged = 0;
  child.stdout.on("data", (piece: Buffer) => {
    acknowledged += piece.toString().split("\n").length - 1;
  });
  const kill = () =>
    new Promise<void>((resolve) => {
      child.on("close", () => resolve());
      child.kill("SIGKILL");
    });
  return { kill, count: () => acknowledged };
}

describe("a state in SQLite that several processes use", () => {
  it("keeps every acknowledged transaction when they are killed, and loses none of the others", async () => {
    const path = join(temporaryDirectory(), "state.sqlite3");
    const processes = [counter(path), counter(path)];
    while (processes.some(({ count }) => count() < 15)) await wait(5);
    await processes[0]?.kill();
    const before = processes[1]?.count() ?? 0;
    while ((processes[1]?.count() ?? 0) < before + 10) await wait(5);
    await processes[1]?.kill();
    const acknowledged = processes.reduce((sum, { count }) => sum + count(), 0);
    const state = openSqliteState(path, { migrations });
    const row = await state.transaction((session) =>
      session.get<{ value: number }>("SELECT value FROM counters"),
    );
    await state.close();
    // The last transaction of each may have been committed without a line.
    expect(row?.value).toBeGreaterThanOrEqual(acknowledged);
    expect(row?.value).toBeLessThanOrEqual(acknowledged + 2);
  });

  itUnless(onWindows, "knows for certain that a write which failed stored nothing", () => {
    const path = join(temporaryDirectory(), "state.sqlite3");
    const script = `
      const { openSqliteState } = await import(${JSON.stringify(module)});
      const state = openSqliteState(${JSON.stringify(path)}, { migrations: ${JSON.stringify(migrations)} });
      for (;;) {
        try {
          await state.transaction((session) => session.run("INSERT INTO counters VALUES (1)"));
        } catch ({ reason, problem, mayHaveCommitted }) {
          console.log(JSON.stringify({ reason, problem, mayHaveCommitted }));
          break;
        }
      }`;
    // No file may grow beyond 64 KiB: the system then refuses the write.
    const command = `ulimit -f 64; exec "${process.execPath}" --input-type=module -e '${script}'`;
    expect(JSON.parse(execFileSync("bash", ["-c", command], { encoding: "utf8" }))).toEqual({
      reason: "storage",
      problem: "the disk could not be read or written",
      mayHaveCommitted: false,
    });
  });
});
