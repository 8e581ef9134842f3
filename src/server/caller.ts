import { UsageError } from "../foundation/errors.ts";
import { HttpError } from "./http-error.ts";

/**
 * - `read`: ask, search, read foods, vote
 * - `write`: change foods
 * - `operate`: see and change how the service runs: status of all namespaces, cutover
 */
export type Scope = "read" | "write" | "operate";

/** Who sent a request, and what they may do. */
export interface Caller {
  /** The id of the key; `undefined` for a program on this machine without one. */
  readonly keyId: string | undefined;
  /** What people call the key. */
  readonly keyName?: string;
  readonly scopes: ReadonlySet<Scope>;
  /** The namespaces that the key is bound to; `undefined`: all (SEC-6). */
  readonly namespaces: readonly string[] | undefined;
}

/** A program on this machine, which can read the index without the service. */
export const localCaller: Caller = {
  keyId: undefined,
  scopes: new Set<Scope>(["read", "write", "operate"]),
  namespaces: undefined,
};

/** @throws {HttpError} 403 */
export function requireScope({ scopes }: Caller, scope: Scope): void {
  if (scopes.has(scope)) return;
  throw new HttpError(403, "forbidden", `The key lacks the scope ${scope}.`, {
    hint: `Use a key with it: ragfood keys create <name> --scope ${scope}`,
  });
}

/**
 * The namespace that a request is about: the named one; otherwise the default one, or the only one of the key.
 *
 * @throws {HttpError} 403 if the key is bound to other namespaces
 * @throws {UsageError} if the key is bound to several and the request does not name one
 */
export function namespaceFor(
  { namespaces }: Caller,
  named: string | undefined,
  defaultNamespace: string,
): string {
  if (namespaces === undefined) return named ?? defaultNamespace;
  if (named === undefined) {
    if (namespaces.includes(defaultNamespace)) return defaultNamespace;
    const [only, ...others] = namespaces;
    if (only !== undefined && others.length === 0) return only;
    throw new UsageError("Name a namespace: the key is bound to several.", {
      hint: `The key is bound to ${namespaces.map((each) => JSON.stringify(each)).join(", ")}.`,
    });
  }
  if (namespaces.includes(named)) return named;
  throw new HttpError(403, "forbidden", `The key is not bound to the namespace ${JSON.stringify(named)}.`);
}

/** For what is about the whole service. @throws {HttpError} 403 if the key is bound to namespaces */
export function requireAllNamespaces({ namespaces }: Caller): void {
  if (namespaces === undefined) return;
  throw new HttpError(403, "forbidden", "The key is bound to namespaces, and this is about all of them.");
}

/** Who acts, for the history and the report: the key says it for certain, and a name is what the person typed. */
export function operatorName({ keyId, keyName }: Caller, by = ""): string {
  const typed = by.trim();
  if (keyId !== undefined) {
    const key = `key ${keyId}${keyName === undefined ? "" : ` “${keyName}”`}`;
    return typed === "" ? key : `${typed} (${key})`;
  }
  return typed === "" ? "an operator on this machine" : `${typed} (on this machine, without a key)`;
}
