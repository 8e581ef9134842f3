import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import { replaceFile } from "../foundation/durable-file.ts";

const entrySchema = z.object({
  file: z.string(),
  bytes: z.number(),
  modifiedMs: z.number(),
  isComplete: z.boolean(),
  /** The text that was embedded of each record. */
  template: z.string(),
  /** The fields that the text was made of; empty for `text`. */
  textFields: z.array(z.string()).default([]),
});

type Entry = z.infer<typeof entrySchema>;

const stateSchema = z.record(z.string(), entrySchema);

/**
 * The state of a namespace relative to a data file: never filled from a file, filled from the current file, stale (the
 * file has changed since, or the ingest was interrupted), or filled from another file.
 */
type IngestStatus = "new" | "current" | "stale" | "other";

interface FileState {
  readonly status: IngestStatus;
  /** The other file, for `other`. */
  readonly known?: string;
  /** The fields that the text of this file was made of, as its last ingest said. */
  readonly textFields: readonly string[];
}

/** Notes the file that each namespace was filled from, so that they need not be compared at each start. */
export class IngestState {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  status(namespace: string, file: string, template: string): FileState {
    const entry = this.#read().get(namespace);
    if (entry === undefined) return { status: "new", textFields: [] };
    if (entry.file !== resolve(file)) return { status: "other", known: entry.file, textFields: [] };
    const now = describe(file);
    const isSame = now === undefined || (now.bytes === entry.bytes && now.modifiedMs === entry.modifiedMs);
    const isCurrent = isSame && entry.isComplete && entry.template === template;
    return { status: isCurrent ? "current" : "stale", textFields: entry.textFields };
  }

  /**
   * The first records of the file are about to be written.
   *
   * @returns a function to call when all are written: the namespace then holds the file as it was at the begin
   * @throws {StorageError}
   */
  begin(namespace: string, { file, template, textFields }: IngestedFile): () => void {
    const now = describe(file);
    if (now === undefined) return () => {};
    const entry = { file: resolve(file), ...now, template, textFields: [...textFields] };
    this.#record(namespace, { ...entry, isComplete: false });
    return () => this.#record(namespace, { ...entry, isComplete: true });
  }

  /** The namespace is about to hold records that do not come from a file. @throws {StorageError} */
  forget(namespace: string): void {
    const state = this.#read();
    if (state.delete(namespace)) this.#write(state);
  }

  /** The index is about to be another one. @throws {StorageError} */
  forgetAll(): void {
    if (this.#read().size > 0) this.#write(new Map());
  }

  #record(namespace: string, entry: Entry): void {
    this.#write(this.#read().set(namespace, entry));
  }

  #write(entries: Map<string, Entry>): void {
    replaceFile(this.#path, `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`);
  }

  #read(): Map<string, Entry> {
    try {
      return new Map(Object.entries(stateSchema.parse(JSON.parse(readFileSync(this.#path, "utf8")))));
    } catch {
      // It can be written again: an ingest compares with the index.
      return new Map();
    }
  }
}

interface IngestedFile {
  readonly file: string;
  readonly template: string;
  readonly textFields: readonly string[];
}

function describe(file: string): { bytes: number; modifiedMs: number } | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats && { bytes: stats.size, modifiedMs: stats.mtimeMs };
}
