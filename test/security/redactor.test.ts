import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readSettings } from "../../src/config/settings.ts";
import { DataError, RateLimitError, SettingsError } from "../../src/foundation/errors.ts";
import { Redactor, redacted } from "../../src/security/redactor.ts";
import { randomToken, upstashToken } from "./secrets.ts";

/** Secrets as hard as they come: characters that mean something to a pattern, to a URL, to JSON. */
const secret = fc
  .string({ unit: fc.constantFrom(..."aZ09+/=._~-$^*()[]{}|?\\\"'&<>%#!é🍛"), minLength: 8, maxLength: 60 })
  .filter((text) => !/^Bearer\s/i.test(text));

const surroundings = fc.string({ unit: fc.constantFrom(..." abc:=/.,\n\"'"), maxLength: 12 });

const encodings: Readonly<Record<string, (text: string) => string>> = {
  "as it is": (text) => text,
  "percent-encoded": encodeURIComponent,
  "percent-encoded in small letters": (text) =>
    encodeURIComponent(text).replace(/%../g, (code) => code.toLowerCase()),
  "percent-encoded twice": (text) => encodeURIComponent(encodeURIComponent(text)),
  "in JSON": (text) => JSON.stringify(text).slice(1, -1),
  "in JSON in JSON": (text) => JSON.stringify(JSON.stringify(text).slice(1, -1)).slice(1, -1),
  "as \\u escapes": (text) =>
    Array.from(text, (character) =>
      Array.from(
        { length: character.length },
        (_, unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, "0")}`,
      ).join(""),
    ).join(""),
  "in HTML": (text) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`),
  "in hexadecimal": (text) => Buffer.from(text).toString("hex").toUpperCase(),
  "broken into lines": (text) => Array.from(text).join("\n    "),
  "broken into lines, in JSON": (text) => JSON.stringify(text.replace(/^.{4}/u, "$&\n")).slice(1, -1),
};

describe("a secret that is known by its value is removed (SEC-1)", () => {
  it.each(Object.entries(encodings))("a known secret is removed: %s", (_, encode) => {
    fc.assert(
      fc.property(secret, surroundings, surroundings, (value, before, after) => {
        const redactor = new Redactor();
        redactor.learn(value);
        // What was taken note of has no blanks around it.
        const written = encode(value);
        const text = redactor.text(`${before}${written}${after}`);
        expect(text).not.toContain(written);
        expect(text).toContain(redacted);
      }),
      { numRuns: 300 },
    );
  });

  it("in base64 of any text that holds it, and in base64url", () => {
    fc.assert(
      fc.property(
        fc
          .string({ minLength: 12, maxLength: 40, unit: "grapheme-ascii" })
          .filter((text) => text.trim().length >= 12),
        fc.string({ maxLength: 9, unit: "grapheme-ascii" }),
        fc.string({ maxLength: 9, unit: "grapheme-ascii" }),
        fc.constantFrom("base64", "base64url" as const),
        (value, before, after, encoding) => {
          const redactor = new Redactor();
          redactor.learn(value);
          const text = redactor.text(Buffer.from(before + value + after).toString(encoding as "base64"));
          const left = text.split(redacted).map((part) => Buffer.from(part, "base64").toString("latin1"));
          expect(text).toContain(redacted);
          for (const part of left) expect(part).not.toContain(value.trim().slice(2, -2));
        },
      ),
      { numRuns: 500 },
    );
  });

  it("cut short, as in the excerpt of an answer", () => {
    const token = randomToken();
    const redactor = new Redactor();
    redactor.learn(token);
    expect(redactor.text(`the server said ${token.slice(0, 14)}`)).toBe(`the server said ${redacted}`);
    expect(redactor.text(`the server said ${token.slice(0, 14)}… and more`)).toBe(
      `the server said ${redacted}… and more`,
    );
  });

  it("several in one text, also nested", () => {
    const redactor = new Redactor();
    for (const value of ["abcdefgh", "defghijkl", "abcdefghijklmnop"]) redactor.learn(value);
    expect(redactor.text("abcdefghijklmnop, abcdefghijkl, xdefghijkl")).toBe(
      `${redacted}, ${redacted}, x${redacted}`,
    );
  });

  it("where its beginning repeats itself, before it and in it", () => {
    const redactor = new Redactor();
    redactor.learn("abababababababab-the-end");
    expect(redactor.text("say ababababababababababab-the-end.")).toBe(`say ${redacted}.`);
  });

  it("does not change a text without secrets", () => {
    const redactor = new Redactor();
    redactor.learn(randomToken());
    fc.assert(
      fc.property(fc.lorem({ maxCount: 40 }), (text) => {
        expect(redactor.text(text)).toBe(text);
      }),
    );
  });

  it("fewer than 8 characters are no secret", () => {
    const redactor = new Redactor();
    redactor.learn("short");
    expect(redactor.text("a short text")).toBe("a short text");
  });
});

describe("what the environment holds", () => {
  it.each([
    ["a token with its prefix", { UPSTASH_VECTOR_REST_TOKEN: "Bearer hunter2hunter2" }, "hunter2hunter2"],
    ["an encryption key", { ENCRYPTION_KEY: "correct horse battery" }, "correct horse battery"],
    ["each of a list of keys", { RAGFOOD_API_KEYS: "first-key-1,second-key-2" }, "second-key-2"],
    ["a password in a URL", { CHROMA_URL: `http://me:${"s3cr%40t-word"}@host:8000` }, "s3cr@t-word"],
    ["a token in a URL", { HOOK: `https://host/?token=${"tok%2Ben-123"}` }, "tok+en-123"],
    ["what another program calls its secret", { AWS_SECRET_ACCESS_KEY: "wJalrXUt/nFEMI" }, "wJalrXUt/nFEMI"],
  ])("%s is removed", (_, environment, value) => {
    const redactor = new Redactor();
    redactor.learnFrom(environment);
    expect(redactor.text(`<${value}>`)).toBe(`<${redacted}>`);
    expect(redactor.text(`<${encodeURIComponent(value)}>`)).toBe(`<${redacted}>`);
  });
});

describe("an unknown secret is recognised by its shape", () => {
  const random = randomToken();
  it.each([
    ["upstash-token", upstashToken()],
    ["a header", `Bearer ${random}`],
    ["basic authorization", `Authorization: Basic ${Buffer.from("user:password").toString("base64")}`],
    ["an API key", `sk-proj-${random}`],
    ["an AWS key", `AKIA${"Q3EGRVZ5WHX2JMTB"}`],
    ["a GitHub token", `ghp_${random.replace(/[^A-Za-z0-9]/g, "x")}abcdefgh12`],
    ["a private key", `-----BEGIN RSA PRIVATE KEY-----\n${random}\n-----END RSA PRIVATE KEY-----`],
    ["an assignment", `MY_TOKEN=${random}`],
    ["a field", `{"apiKey": "${random}"}`],
    ["a URL", `postgres://user:${random}@host/db`],
    ["a parameter", `https://host/?api_key=${random}`],
  ])("an unknown secret is recognised by its shape: %s", (_, text) => {
    const result = new Redactor().text(`before ${text} after`);
    expect(result).toMatch(/^before .* after$/s);
    expect(result).toContain(redacted);
    for (const part of text.split(/[\s=:/"]+/).filter((word) => word.length >= 20))
      expect(result).not.toContain(part);
  });

  it.each([
    "UPSTASH_VECTOR_REST_TOKEN is missing: UPSTASH_VECTOR_REST_URL is set and needs it",
    "The bearer of good news said: responsibilities1 come first.",
    "https://example-eu1-vector.upstash.io/query?include=metadata",
    "550e8400-e29b-41d4-a716-446655440000 and 0123456789abcdef0123456789abcdef01234567",
    "token: options.token, apiKey = process.env.OPENAI_API_KEY",
    "Set OPENAI_API_KEY=your-key-1234567890abcdef to begin",
    `Try tokens=${"a".repeat(30)}`,
  ])("%s is no secret", (text) => {
    expect(new Redactor().text(text)).toBe(text);
  });
});

describe("values and errors", () => {
  it("JSON keeps its form; fields named like a secret lose their value", () => {
    const redactor = new Redactor();
    redactor.learn("hunter2hunter2");
    const token = randomToken();
    expect(
      redactor.value({
        list: ["hunter2hunter2", 1, null, true],
        hunter2hunter2: 1,
        apiKey: token,
        tokens: 12,
      }),
    ).toEqual({ list: [redacted, 1, null, true], [redacted]: 1, apiKey: redacted, tokens: 12 });
  });

  it("an error is described with its hint, faults, stack and causes, without secrets", () => {
    fc.assert(
      fc.property(secret, (value) => {
        const redactor = new Redactor();
        redactor.learn(value);
        const cause = new Error(`sent ${value}`, { cause: `thrown as ${value}` });
        for (const error of [
          new RateLimitError("upstash", `no: ${value}`, { hint: `change ${value}`, cause }),
          new SettingsError([`X is ${value}`]),
          new DataError("f", "bad", { faults: [{ problem: value }] }),
        ]) {
          const text = JSON.stringify(redactor.error(error, true));
          expect(text).not.toContain(JSON.stringify(value).slice(1, -1));
          expect(text).toContain(redacted);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("an error that is its own cause ends the description", () => {
    const error = new Error("round");
    error.cause = error;
    expect(JSON.stringify(new Redactor().error(error))).toContain("round");
  });

  it("a fault of the settings does not reveal a token, even a misplaced one", () => {
    const name = fc.constantFrom(
      ...["UPSTASH_VECTOR_REST_URL", "OLLAMA_HOST", "CHROMA_URL", "MAX_RESULTS", "EMBEDDER", "MIN_SCORE"],
    );
    fc.assert(
      fc.property(
        name,
        fc.constantFrom(randomToken(), upstashToken()),
        fc.boolean(),
        (line, token, isKnown) => {
          const environment = { [line]: `\n:${token}`, ...(isKnown && { SOME_TOKEN: token }) };
          try {
            readSettings(environment);
          } catch (error) {
            expect(error).toBeInstanceOf(SettingsError);
            expect((error as Error).message).not.toContain(token);
          }
        },
      ),
    );
  });
});
