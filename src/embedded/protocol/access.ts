import { timingSafeEqual } from "node:crypto";
import { AuthenticationError } from "../../foundation/errors.ts";

/** The two tokens of an index. */
export interface Tokens {
  readonly token: string;
  /** A token that allows reading only. */
  readonly readOnlyToken: string;
}

/** What the token of a request allows; `undefined` if it is missing or wrong. */
export function findAccess(tokens: Tokens, authorization: string | undefined): "read" | "write" | undefined {
  const given = /^Bearer\s+(.*)$/i.exec(authorization ?? "")?.[1] ?? "";
  if (isSame(given, tokens.token)) return "write";
  return isSame(given, tokens.readOnlyToken) ? "read" : undefined;
}

/** @throws {AuthenticationError} 401 if the token is missing or wrong */
export function requireAccess(tokens: Tokens, authorization: string | undefined): "read" | "write" {
  const access = findAccess(tokens, authorization);
  if (access === undefined) throw unauthorized();
  return access;
}

export function unauthorized(): AuthenticationError {
  return new AuthenticationError("embedded", "Unauthorized: Invalid auth token", { status: 401 });
}

function isSame(given: string, expected: string): boolean {
  const left = Buffer.from(given);
  const right = Buffer.from(expected);
  return left.length === right.length && timingSafeEqual(left, right);
}
