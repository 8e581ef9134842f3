import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { DatabaseSync } from "@photostructure/sqlite";

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

export interface KillRuns {
  readonly rounds: number;
  /** Rounds in which the kill came before the end. */
  readonly killed: number;
  readonly lost: number;
  readonly extra: number;
  /** Records written, over all rounds, for each record that there is. */
  readonly work: number;
}

/**
 * Imports a Chroma directory into a new embedded index in each round, kills the import at a random moment, then lets it
 * finish. Every write of a record takes a slot of the index, so the highest slot is the number of writes.
 *
 * @param typicalMs duration of an import, including its start
 */
export async function killRuns(
  source: string,
  count: number,
  rounds: number,
  directory: string,
  typicalMs: number,
): Promise<KillRuns> {
  const result = { rounds, killed: 0, lost: 0, extra: 0, work: 0 };
  for (let round = 0; round < rounds; round++) {
    const place = join(directory, `kill-${round}`);
    const words = ["migrate", "import", "--from", source, "--to", `embedded:${join(place, "index")}`];
    const first = start(words, place);
    const ended = once(first, "exit");
    const kill = wait(Math.random() * typicalMs).then(() => first.kill("SIGKILL"));
    const [, signal] = await ended;
    await kill;
    if (signal === "SIGKILL") result.killed++;
    const [code] = await once(start(words, place), "exit");
    if (code !== 0) throw new Error(`The import after the kill ended with ${code}.`);
    const { records, writes } = look(join(place, "index", "index.sqlite"));
    result.lost += Math.max(0, count - records);
    result.extra += Math.max(0, records - count);
    result.work += writes / count / rounds;
    rmSync(place, { recursive: true });
  }
  return result;
}

function start(words: readonly string[], directory: string) {
  return spawn(process.execPath, [main, ...words], {
    stdio: "ignore",
    env: { PATH: process.env.PATH ?? "", RAGFOOD_DIR: join(directory, "state") },
  });
}

function look(file: string): { records: number; writes: number } {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const row = database.prepare("SELECT count(*) AS records, max(slot) AS writes FROM records").get();
    return row as { records: number; writes: number };
  } finally {
    database.close();
  }
}
