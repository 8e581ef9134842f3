import { RagfoodError } from "../foundation/errors.ts";

/** One fault of a request and its place: `body.question`, `query.limit`. */
export interface RequestFault {
  readonly path: string;
  readonly message: string;
}

/** A request whose parameters or body do not fit the schema of its route. */
export class ValidationError extends RagfoodError {
  static override readonly errorName: string = "ValidationError";
  readonly code = "validation";
  readonly faults: readonly RequestFault[];

  constructor(faults: readonly RequestFault[]) {
    super(
      `The request is not valid: ${faults.map(({ path, message }) => `${path}: ${message}`).join("; ")}`,
      {
        hint: "/openapi.json describes each route.",
      },
    );
    this.faults = faults;
  }
}
