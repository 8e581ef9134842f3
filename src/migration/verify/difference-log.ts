import { type FileHandle, open } from "node:fs/promises";
import { publish } from "../../foundation/durable-file.ts";
import { StorageError } from "../../foundation/errors.ts";
import { ownerFile } from "../../foundation/owner-only.ts";
import {
  type Difference,
  type DifferenceCounts,
  type DifferenceKind,
  differenceKinds,
  isRequested,
} from "./difference.ts";

export interface DifferenceLogOptions {
  /** Number of differences that are kept for a list. */
  readonly maximumListed: number;
  /** A file for all of them, one JSON object a line. */
  readonly file?: string | undefined;
  /** Called for each that nobody asked for. */
  readonly onDifference?: (difference: Difference) => void;
}

/** Counts the differences, keeps the first of them, and writes all to a file. */
export class DifferenceLog {
  readonly #maximumListed: number;
  readonly #onDifference: (difference: Difference) => void;
  readonly #counts = Object.fromEntries(differenceKinds.map((kind) => [kind, 0])) as Record<
    DifferenceKind,
    number
  >;
  readonly #differences: Difference[] = [];
  readonly #requested: Difference[] = [];
  readonly #path: string | undefined;
  #file: FileHandle | undefined;
  #lines: string[] = [];

  private constructor(options: DifferenceLogOptions, file: FileHandle | undefined) {
    this.#maximumListed = options.maximumListed;
    this.#onDifference = options.onDifference ?? (() => {});
    this.#path = options.file;
    this.#file = file;
  }

  /**
   * The file has the suffix `.partial` until `complete`.
   * @throws {StorageError} if the file cannot be created
   */
  static async open(options: DifferenceLogOptions): Promise<DifferenceLog> {
    const { file } = options;
    return new DifferenceLog(options, file === undefined ? undefined : await openFile(partialOf(file)));
  }

  get counts(): DifferenceCounts {
    return { ...this.#counts };
  }

  get total(): number {
    return differenceKinds.reduce((sum, kind) => sum + this.#counts[kind], 0);
  }

  /** The first differences, in the order in which they were found; those that were asked for come last. */
  get differences(): readonly Difference[] {
    return [...this.#differences, ...this.#requested].slice(0, this.#maximumListed);
  }

  add(difference: Difference): void {
    this.#counts[difference.kind]++;
    const listed = isRequested(difference) ? this.#requested : this.#differences;
    if (listed.length < this.#maximumListed) listed.push(difference);
    if (this.#file) this.#lines.push(`${JSON.stringify(difference)}\n`);
    if (!isRequested(difference)) this.#onDifference(difference);
  }

  /** Writes the differences of the last batches. */
  async flush(): Promise<void> {
    const lines = this.#lines;
    if (lines.length === 0) return;
    this.#lines = [];
    await this.#file?.write(lines.join(""));
  }

  /** Gives the file its final name: it holds every difference. */
  async complete(): Promise<void> {
    await this.flush();
    await this.close();
    if (this.#path !== undefined) publish(partialOf(this.#path), this.#path);
  }

  /** Closes the file. */
  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }
}

function partialOf(file: string): string {
  return `${file}.partial`;
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, "w", ownerFile);
  } catch (error) {
    throw new StorageError(path, `${path} cannot be written: ${(error as Error).message}.`, {
      cause: error,
      hint: "Name a file in a directory that exists and is writable.",
    });
  }
}
