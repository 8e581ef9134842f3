import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { StorageError } from "../errors.ts";

const entrySchema = z.object({
  file: z.string(),
  bytes: z.number(),
  modifiedMs: z.number(),
  isComplete: z.boolean(),
});

const stateSchema = z.record(z.string(), entrySchema);

/**
 * What is known of the data file in a namespace: never ingested, ingested as it is now, to be ingested
 * again (it has changed since, or the ingest was cut short), or another file was.
 */
export type IngestStatus = "new" | "current" | "stale" | "other";

/** Remembers which file each namespace was filled from, so that it need not be compared at each start. */
export class IngestState {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  status(namespace: string, file: string): { status: IngestStatus; known?: string } {
    const entry = this.#read()[namespace];
    if (entry === undefined) return { status: "new" };
    if (entry.file !== resolve(file)) return { status: "other", known: entry.file };
    const now = describe(file);
    const isSame = now === undefined || (now.bytes === entry.bytes && now.modifiedMs === entry.modifiedMs);
    return { status: isSame && entry.isComplete ? "current" : "stale" };
  }

  /** The first records of the file are about to be written. @throws {StorageError} */
  begin(namespace: string, file: string): void {
    this.#record(namespace, file, false);
  }

  /** The namespace now holds the file. @throws {StorageError} */
  finish(namespace: string, file: string): void {
    this.#record(namespace, file, true);
  }

  #record(namespace: string, file: string, isComplete: boolean): void {
    const now = describe(file);
    if (now === undefined) return;
    const state = { ...this.#read(), [namespace]: { file: resolve(file), ...now, isComplete } };
    const temporary = `${this.#path}.${process.pid}.tmp`;
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      writeFileSync(temporary, `${JSON.stringify(state, null, 2)}\n`);
      renameSync(temporary, this.#path);
    } catch (error) {
      throw new StorageError(this.#path, `${this.#path} cannot be written: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }

  #read(): z.infer<typeof stateSchema> {
    try {
      return stateSchema.parse(JSON.parse(readFileSync(this.#path, "utf8")));
    } catch {
      // It can be made anew: an ingest compares with what the index holds.
      return {};
    }
  }
}

function describe(file: string): { bytes: number; modifiedMs: number } | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats && { bytes: stats.size, modifiedMs: stats.mtimeMs };
}
