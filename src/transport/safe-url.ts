import { UsageError } from "../foundation/errors.ts";

/** @throws {UsageError} unless the URL is https, or http to this machine (SEC-3) */
export function requireSafeUrl(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new UsageError("The URL of the index is not a URL.", {
      hint: "It looks like https://example-eu1-vector.upstash.io",
    });
  }
  if (url.username !== "" || url.password !== "") {
    throw new UsageError("The URL of the index must not hold a user name or a password.", {
      hint: "The token goes into UPSTASH_VECTOR_REST_TOKEN.",
    });
  }
  if (url.search !== "" || url.hash !== "") {
    throw new UsageError("The URL of the index must not hold a query or a fragment.", {
      hint: "It looks like https://example-eu1-vector.upstash.io",
    });
  }
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url))) {
    throw new UsageError(`${url.protocol}//${url.host} would carry the token unencrypted.`, {
      hint: "Use https; plain http is allowed only for this machine.",
    });
  }
  return text;
}

/** Whether a URL points to this machine. */
export function isLoopback({ hostname }: URL): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}
