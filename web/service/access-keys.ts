/** What a key allows, from the least to the most. */
export type KeyRole = "read" | "write" | "operate";

const name = (role: KeyRole) => `ragfood.key.${role}`;

/** A key that the user entered; kept for this browser session only. */
export function readKey(role: KeyRole): string | undefined {
  return sessionStorage.getItem(name(role)) ?? undefined;
}

/** Remembers a key; an empty one forgets it. */
export function setKey(role: KeyRole, key: string): void {
  if (key === "") sessionStorage.removeItem(name(role));
  else sessionStorage.setItem(name(role), key);
}
