import { StorageError } from "../../errors.ts";

/** A slot that a mirror knows was given up by a later write: the search has to look again. */
export class SlotGoneError extends StorageError {
  constructor(path: string, slot: number) {
    super(path, `The index at ${path} is written to so fast that a search found no rest (slot ${slot}).`, {
      hint: "Ask again.",
    });
  }
}
