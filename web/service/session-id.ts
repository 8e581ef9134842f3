const key = "ragfood.session";

/** Names this browser session among those that share a key: random, and forgotten when the browser closes. */
export function sessionId(): string {
  let id = sessionStorage.getItem(key);
  if (id === null) {
    id = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
      byte.toString(16).padStart(2, "0"),
    ).join("");
    sessionStorage.setItem(key, id);
  }
  return id;
}
