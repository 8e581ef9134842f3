import type { VectorIndex } from "../index/vector-index.ts";
import { dispatch, resolveTarget } from "./dispatch.ts";
import { Faults } from "./faults.ts";

/** A request as the official client makes it: path segments and a body that goes as JSON. */
export interface EmbeddedRequest {
  readonly path?: string[];
  readonly body?: unknown;
}

/**
 * The embedded index behind the seam of the official client:
 * `new Index(new EmbeddedRequester(vectorIndex))` works in process.
 */
export class EmbeddedRequester {
  readonly #index: VectorIndex;
  readonly #faults: Faults;

  /** @param faults what shall go wrong, for tests; by default nothing */
  constructor(index: VectorIndex, faults: Faults = new Faults()) {
    this.#index = index;
    this.#faults = faults;
    faults.change({}, index);
  }

  /** @throws {RagfoodError} what the service would answer with an error status */
  readonly request = async <T = unknown>(request: EmbeddedRequest): Promise<{ result: T }> => {
    const path = (request.path ?? []).join("/");
    // Nothing is encoded here: past the command, a question mark belongs to the namespace.
    const [, command, query = ""] = /^([^/?]*)\?(.*)$/.exec(path) ?? [];
    const target = resolveTarget(command ?? path, query);
    return { result: (await dispatch(this.#index, this.#faults, target, request.body)) as T };
  };
}
