import type { AskOptions } from "../rag/engine.ts";
import { readFilter } from "../store/filter.ts";
import { type Caller, namespaceFor } from "./caller.ts";
import type { ScopeRequest } from "./schemas/ask.ts";

/**
 * The limits of a search as the engine takes them.
 *
 * @throws {FilterSyntaxError}
 * @throws {HttpError} 403 for a namespace that the caller may not see
 */
export function scopeOf(
  { filter, topK, namespace, literal, ignore }: ScopeRequest,
  caller: Caller,
  defaultNamespace: string,
): AskOptions {
  const condition = filter === undefined ? undefined : readFilter(filter);
  return {
    namespace: namespaceFor(caller, namespace, defaultNamespace),
    ...(condition && { filter: condition }),
    ...(topK !== undefined && { topK }),
    ...(literal !== undefined && { literal }),
    ...(ignore !== undefined && { ignore }),
  };
}
