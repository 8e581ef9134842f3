import { StorageError } from "../../foundation/errors.ts";

/** A slot that a mirror knows was freed by a later write: the search has to run again. */
export class SlotGoneError extends StorageError {
  static override readonly errorName: string = "SlotGoneError";
  constructor(path: string, slot: number) {
    super(path, `The index at ${path}: slot ${slot} is no longer valid.`);
  }
}
