import { CancelledError } from "../../foundation/errors.ts";
import type { VectorIndex } from "../index/vector-index.ts";
import { type AnswerForm, typedForm, valueForm } from "./answer.ts";
import { dispatch, resolveTarget } from "./dispatch.ts";
import { Faults } from "./faults.ts";

/** A request of the official client: path segments and a body that is sent as JSON. */
export interface EmbeddedRequest {
  readonly path?: string[];
  readonly body?: unknown;
}

export interface EmbeddedRequesterOptions {
  /** Failures that a test asks for. Default: none. */
  readonly faults?: Faults;
  /**
   * Return dense vectors as `Float32Array`, for callers that calculate with them. Default: lists of the shortest
   * decimals, as the service sends them; finding these takes most of the time of a read.
   */
  readonly typedVectors?: boolean;
}

/**
 * The embedded index behind the seam of the official client:
 * `new Index(new EmbeddedRequester(vectorIndex))` works in process.
 */
export class EmbeddedRequester {
  readonly takesTypedVectors = true;
  readonly #index: VectorIndex;
  readonly #faults: Faults;
  readonly #form: AnswerForm;

  constructor(
    index: VectorIndex,
    { faults = new Faults(), typedVectors = false }: EmbeddedRequesterOptions = {},
  ) {
    this.#index = index;
    this.#faults = faults;
    this.#form = typedVectors ? typedForm : valueForm;
    faults.change({}, index);
  }

  /** @throws {RagfoodError} for each answer that has an error status at the service */
  readonly request = async <T = unknown>(
    request: EmbeddedRequest,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<{ result: T }> => {
    if (options.signal?.aborted) throw new CancelledError();
    const path = (request.path ?? []).join("/");
    // Nothing is encoded here: past the command, a question mark belongs to the namespace.
    const [, command, query = ""] = /^([^/?]*)\?(.*)$/.exec(path) ?? [];
    const target = resolveTarget(command ?? path, query);
    const result = dispatch(this.#index, this.#faults, target, request.body, this.#form);
    return { result: (await (options.signal ? untilAborted(result, options.signal) : result)) as T };
  };
}

/** The answer, or a CancelledError as soon as the caller gives up. A write that has begun is still finished. */
async function untilAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new CancelledError());
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([answer, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
    answer.catch(() => {});
  }
}
