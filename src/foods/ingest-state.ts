import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import { replaceFile } from "../foundation/durable-file.ts";

const entrySchema = z.object({
  file: z.string(),
  bytes: z.number(),
  modifiedMs: z.number(),
  isComplete: z.boolean(),
  /** What was embedded of each record. */
  template: z.string(),
});

type Entry = z.infer<typeof entrySchema>;

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

  status(namespace: string, file: string, template: string): { status: IngestStatus; known?: string } {
    const entry = this.#read().get(namespace);
    if (entry === undefined) return { status: "new" };
    if (entry.file !== resolve(file)) return { status: "other", known: entry.file };
    const now = describe(file);
    const isSame = now === undefined || (now.bytes === entry.bytes && now.modifiedMs === entry.modifiedMs);
    return { status: isSame && entry.isComplete && entry.template === template ? "current" : "stale" };
  }

  /**
   * The first records of the file are about to be written.
   *
   * @returns what to call when all of them are: the namespace then holds the file as it was now
   * @throws {StorageError}
   */
  begin(namespace: string, file: string, template: string): () => void {
    const now = describe(file);
    if (now === undefined) return () => {};
    const entry = { file: resolve(file), ...now, template };
    this.#record(namespace, { ...entry, isComplete: false });
    return () => this.#record(namespace, { ...entry, isComplete: true });
  }

  /** The namespace is about to hold what came another way than from a file. @throws {StorageError} */
  forget(namespace: string): void {
    const state = this.#read();
    if (state.delete(namespace)) this.#write(state);
  }

  #record(namespace: string, entry: Entry): void {
    this.#write(this.#read().set(namespace, entry));
  }

  #write(entries: Map<string, Entry>): void {
    const state = Object.fromEntries(entries);
    replaceFile(this.#path, `${JSON.stringify(state, null, 2)}\n`);
  }

  #read(): Map<string, Entry> {
    try {
      return new Map(Object.entries(stateSchema.parse(JSON.parse(readFileSync(this.#path, "utf8")))));
    } catch {
      // It can be made anew: an ingest compares with what the index holds.
      return new Map();
    }
  }
}

function describe(file: string): { bytes: number; modifiedMs: number } | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats && { bytes: stats.size, modifiedMs: stats.mtimeMs };
}
