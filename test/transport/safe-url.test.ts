import { describe, expect, it } from "vitest";
import { requireSafeUrl } from "../../src/transport/safe-url.ts";

describe("requireSafeUrl (SEC-3)", () => {
  it.each([
    "https://a-eu1-vector.upstash.io",
    "http://127.0.0.1:8079",
    "http://localhost/x",
    "http://[::1]:1",
  ])("the URL %s may be used", (url) => {
    expect(requireSafeUrl(url)).toBe(url);
  });

  it.each([
    "http://example.com",
    "http://10.0.0.1",
    "http://localhost.example.com",
    "ftp://127.0.0.1",
    "example.com",
  ])("the URL %s is refused", (url) => {
    expect(() => requireSafeUrl(url)).toThrow(/unencrypted|not a URL/);
  });

  it.each(["https://host/?token=x", "https://host/#part"])("refuses the query or fragment of %s", (url) => {
    expect(() => requireSafeUrl(url)).toThrow(/query or a fragment/);
  });
});
