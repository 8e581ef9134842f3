import { IdTable } from "../../foundation/id-table.ts";
import { Examples } from "./examples.ts";

/** Tokens that most embedding models read of a text; they pass over the rest. */
const modelTokens = 512;
/** Of English text, about. */
const charactersPerToken = 4;

/** What the documents of a collection are like. Repeated texts are found by hashes: 24 to 48 bytes a text. */
export class TextTally {
  readonly missing: Examples = new Examples();
  readonly empty: Examples = new Examples();
  readonly repeated: Examples = new Examples();
  readonly long: Examples = new Examples();
  readonly #texts = new IdTable();

  add(id: string, text: string | undefined): void {
    if (text === undefined) this.missing.add(id);
    else if (text.trim() === "") this.empty.add(id);
    else {
      if (this.#texts.add(text, 0) !== undefined) this.repeated.add(id);
      if (text.length > modelTokens * charactersPerToken) this.long.add(id);
    }
  }
}
