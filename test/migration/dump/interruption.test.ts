import { execFileSync, spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { checkDump, DumpSource } from "../../../src/migration/dump/index.ts";
import { itUnless, onWindows } from "../../helpers/obstacles.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";

const script = fileURLToPath(new URL("./export.js", import.meta.url));

/** Kills an export when it has printed so many lines. @returns what it printed */
async function exportAndKill(directory: string, count: number, afterLines: number): Promise<string> {
  const child = spawn(process.execPath, [script, directory, `${count}`]);
  let printed = "";
  child.stdout.on("data", (piece: Buffer) => {
    printed += piece.toString();
    if (printed.split("\n").length > afterLines) child.kill("SIGKILL");
  });
  await new Promise((resolve) => child.on("close", resolve));
  return printed;
}

it("an export that is killed leaves nothing that a check accepts, or all of it (MIG-3)", async () => {
  const directory = join(temporaryDirectory(), "dump");
  const outcomes = { gone: 0, whole: 0 };
  for (const afterLines of [0, 4, 12, 20, 25]) {
    const printed = await exportAndKill(directory, 2_000, afterLines);
    if (existsSync(directory)) {
      expect((await checkDump(directory)).faults).toEqual([]);
      expect((await DumpSource.open(directory).describe()).recordCount).toBe(2_000);
      outcomes.whole++;
      break;
    }
    expect(printed).not.toContain("dump-end");
    await expect(checkDump(directory)).rejects.toThrow(/cannot be read/);
    if (existsSync(`${directory}.partial`)) {
      await expect(checkDump(`${directory}.partial`)).rejects.toThrow(/an unfinished export left/);
      expect(() => DumpSource.open(`${directory}.partial`)).toThrow(/an unfinished export left/);
    }
    outcomes.gone++;
  }
  expect(outcomes.gone).toBeGreaterThan(2);
});

itUnless(onWindows, "a full disk ends an export with its reason, and nothing is left (MIG-3)", () => {
  const parent = temporaryDirectory();
  // No file may grow beyond 16 KiB: the system then refuses the write, as it does when the disk is full.
  const command = `ulimit -f 16; exec "${process.execPath}" "${script}" "${join(parent, "dump")}" 2000`;
  let printed = "";
  try {
    execFileSync("bash", ["-c", command], { encoding: "utf8" });
  } catch (error) {
    printed = (error as { stdout: string }).stdout;
  }
  expect(printed).toMatch(/storage: .* cannot be written: EFBIG/);
  expect(readdirSync(parent)).toEqual([]);
});
