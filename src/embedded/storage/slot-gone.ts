import { StorageError } from "../../foundation/errors.ts";

/** A slot that a mirror knows was given up by a later write: the search has to look again. */
export class SlotGoneError extends StorageError {
  static override readonly errorName: string = "SlotGoneError";
  constructor(path: string, slot: number) {
    super(path, `The index at ${path}: slot ${slot} counts no more.`);
  }
}
