import { RagfoodError } from "../../foundation/errors.ts";

/** Nothing can be compared: the baseline is of other texts, or its vectors are missing. */
export class DriftError extends RagfoodError {
  static override readonly errorName: string = "DriftError";
  readonly code = "drift";

  constructor(message: string) {
    super(message, {
      hint: "To make what the model does now the new baseline: ragfood drift --reset",
    });
  }
}
