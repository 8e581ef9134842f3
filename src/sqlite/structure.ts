import { Worker } from "node:worker_threads";

/** Opens the file read-only, by the driver at the address that it is given. */
const script = `
  const { parentPort, workerData } = require("node:worker_threads");
  import(workerData.driver).then(({ DatabaseSync }) => {
    const database = new DatabaseSync(workerData.path, { readOnly: true });
    try {
      parentPort.postMessage(database.prepare("PRAGMA integrity_check").all());
    } finally {
      database.close();
    }
  });
`;

interface ProblemRow {
  readonly integrity_check: string;
}

/**
 * Checks the structure of a database (sqlite.org/pragma.html#pragma_integrity_check) in a thread of its own: for a
 * large file it takes seconds, in which a service would answer nothing.
 *
 * @returns the problems; empty for a sound file
 * @throws {Error} of the driver if the file cannot be read
 */
export async function checkStructureAside(path: string): Promise<string[]> {
  const driver = import.meta.resolve("@photostructure/sqlite");
  const worker = new Worker(script, { eval: true, workerData: { path, driver } });
  const rows = await new Promise<ProblemRow[]>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", () => reject(new Error(`The check of ${path} ended without a result.`)));
  });
  return problemsOf(rows);
}

export function problemsOf(rows: readonly ProblemRow[]): string[] {
  return rows.map((row) => row.integrity_check).filter((problem) => problem !== "ok");
}
