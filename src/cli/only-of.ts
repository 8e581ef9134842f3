import { NotFoundError, UsageError } from "../foundation/errors.ts";
import { quoted } from "../foundation/quoted.ts";

/**
 * The alert or incident whose id begins with these characters.
 * @throws {NotFoundError} @throws {UsageError} if several ids begin so
 */
export function onlyOf<T extends { readonly id: string }>(
  what: "alert" | "incident",
  found: readonly T[],
  id: string,
): T {
  const matching = found.filter((each) => each.id.startsWith(id));
  const [first] = matching;
  if (first === undefined) {
    throw new NotFoundError(what, `No ${what} has the id ${quoted(id)}.`, {
      hint: `ragfood ${what}s lists them.`,
    });
  }
  if (matching.length === 1) return first;
  throw new UsageError(`${matching.length} ${what}s have ids that begin with ${id}. Give more characters.`);
}
