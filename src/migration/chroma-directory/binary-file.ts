import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { fileFailure } from "../../foundation/file-failure.ts";
import { pointerFault } from "../chroma-place.ts";
import { damage, notReadable } from "./faults.ts";

/** Bytes that a pointer of Git LFS has at most (git-lfs.com/spec). */
const maximumPointerBytes = 1_024;

/** A file that is read at places, never whole. */
export class BinaryFile {
  readonly path: string;
  /** Bytes, when it was opened. */
  readonly size: number;
  readonly #descriptor: number;

  /**
   * @throws {DataError} if the file does not exist
   * @throws {StorageError} when it may not be read
   */
  constructor(path: string) {
    this.path = path;
    try {
      this.#descriptor = openSync(path, "r");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") throw damage(path, "the file is missing");
      throw fileFailure(path, "cannot be read", error);
    }
    this.size = fstatSync(this.#descriptor).size;
    if (this.size <= maximumPointerBytes) this.#requireFetched();
  }

  /**
   * Fills `target` from byte `position`.
   * @throws {DataError} if the file ends before
   */
  read(target: Uint8Array, position: number): void {
    for (let filled = 0; filled < target.length; ) {
      const length = this.#readOnce(target, filled, position + filled);
      if (length === 0) {
        throw damage(this.path, `the file ends at byte ${position + filled}, too early`);
      }
      filled += length;
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  /** @throws {DataError} if Git LFS has not fetched the file */
  #requireFetched(): void {
    const head = new Uint8Array(this.size);
    const fault = pointerFault(head.subarray(0, this.#readOnce(head, 0, 0)));
    if (fault === undefined) return;
    this.close();
    throw notReadable(this.path, fault.problem, fault.hint);
  }

  #readOnce(target: Uint8Array, offset: number, position: number): number {
    try {
      return readSync(this.#descriptor, target, offset, target.length - offset, position);
    } catch (error) {
      throw fileFailure(this.path, "cannot be read", error);
    }
  }
}
