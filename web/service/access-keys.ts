/** What a key allows, from the least to the most. */
export type KeyRole = "read" | "write" | "operate";

/** Sent to the window when a key is set: what failed without it can be read again. */
export const keyEvent = "ragfood-key";

const name = (role: KeyRole) => `ragfood.key.${role}`;

/** A key that the user entered; kept for this browser session only. */
export function readKey(role: KeyRole): string | undefined {
  return sessionStorage.getItem(name(role)) ?? undefined;
}

/** Remembers a key; an empty one forgets it. */
export function setKey(role: KeyRole, key: string): void {
  if (key === "") sessionStorage.removeItem(name(role));
  else sessionStorage.setItem(name(role), key);
  dispatchEvent(new Event(keyEvent));
}
