import { existsSync, rmSync, statSync, writeFileSync } from "node:fs";

/**
 * Disk space kept beside a database, in a file that holds nothing: SQLite needs room for its log even to delete
 * rows, so a full disk would keep it full.
 */
export class Reserve {
  readonly #path: string;
  readonly #bytes: number;

  constructor(path: string, bytes: number) {
    this.#path = path;
    this.#bytes = bytes;
  }

  /** Takes the space, if there is any. */
  keep(): void {
    // A process that was killed meanwhile leaves a part of it.
    if (statSync(this.#path, { throwIfNoEntry: false })?.size === this.#bytes) return;
    try {
      writeFileSync(this.#path, Buffer.alloc(this.#bytes));
    } catch {
      // Half a reserve would be taken for a whole one.
      this.release();
    }
  }

  /** Gives the space back. @returns whether there was any */
  release(): boolean {
    if (!existsSync(this.#path)) return false;
    rmSync(this.#path, { force: true });
    return true;
  }
}
