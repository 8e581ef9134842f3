import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The time of whole commands, from the start of Node.js to the exit: processor time (user and system) and wall time,
 * over 20 runs after a first one. Run it on an idle machine: npm run bench:start-up
 */

const runs = 20;
const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** Commands with their bars in milliseconds of the processor. */
const commands = [
  { words: ["--help"], bar: 80 },
  { words: ["search", "noodle", "soup"], bar: 250 },
  { words: ["ask", "Which soup is served cold?"], bar: undefined },
] as const;

/** Milliseconds of the processor that all finished children have used, in steps of 10 (proc(5), fields 16 and 17). */
function childProcessorTime(): number {
  const stat = readFileSync("/proc/self/stat", "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

function run(words: readonly string[], directory: string): number {
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [main, ...words], {
    cwd: directory,
    env: { PATH: process.env.PATH ?? "", OLLAMA_HOST: "127.0.0.1:9", GENERATOR: "extractive" },
  });
  if (status !== 0) throw new Error(stderr.toString());
  return performance.now() - started;
}

const directory = mkdtempSync(join(tmpdir(), "ragfood-start-up-"));
try {
  console.log(`Node.js ${process.versions.node}, load ${loadavg()[0]?.toFixed(2)}, ${runs} runs each`);
  for (const { words, bar } of commands) {
    run(words, directory);
    const before = childProcessorTime();
    const walls = Array.from({ length: runs }, () => run(words, directory)).sort((a, b) => a - b);
    const processor = (childProcessorTime() - before) / runs;
    const limit = bar === undefined ? "" : ` (bar ${bar} ms: ${processor <= bar ? "met" : "MISSED"})`;
    console.log(
      `ragfood ${words.join(" ")}: ${processor.toFixed(0)} ms of the processor${limit}, ${walls[runs / 2]?.toFixed(0)} ms in all (median)`,
    );
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
