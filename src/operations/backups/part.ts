import type { BackupKind } from "../../migration/backup/index.ts";

/** The result of a restore. */
export interface Restored {
  /** What was restored, with its count, as a sentence without its full stop. */
  readonly summary: string;
  /** Where the former content was put; `undefined` if nothing existed. */
  readonly aside: string | undefined;
  /** What the person has to do or know. */
  readonly notes: readonly string[];
}

export interface RestoreOptions {
  /** Lets the backup take the place of what exists, which is put aside. */
  readonly replace: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Something that is backed up and restored on its own: an index, the state, the settings, a directory. */
export interface BackupPart {
  readonly kind: BackupKind;
  /** Begins the names of its archives: `index`. */
  readonly name: string;
  /** What is backed up, for people: a path, or the name of an index. */
  readonly source: string;
  /** An existing directory that can be archived as it is, in place of `write`. */
  readonly directory?: string;
  /** Why there is nothing to back up; `undefined` if there is. */
  obstacle(): string | undefined;
  /** Writes one state of it into an empty directory. */
  write(directory: string, signal?: AbortSignal | undefined): Promise<void>;
  /**
   * Restores what a backup holds at a place of its own, and compares it record by record.
   *
   * @param directory what `write` wrote
   * @param place an empty directory
   * @returns what was compared, as a sentence without its full stop
   * @throws {DataError} for a difference
   */
  prove(directory: string, place: string, signal?: AbortSignal | undefined): Promise<string>;
  /**
   * Puts what a backup holds in its place.
   * @throws {UsageError} if that would replace what exists, unless `replace`
   */
  restore(directory: string, options: RestoreOptions): Promise<Restored>;
}
