import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { findSecrets, isSecretName } from "../../src/security/shapes.ts";
import { randomToken } from "./secrets.ts";

/** Letters alone, in both cases. */
function randomLetters(length: number): string {
  const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  return Array.from(randomBytes(length), (byte) => letters[byte % letters.length]).join("");
}

const rulesOf = (text: string) => findSecrets(text).map(({ rule }) => rule);
const key = () => randomBytes(32).toString("base64");
const hexadecimal = () => randomBytes(16).toString("hex");

describe("shapes of secrets (SEC-1)", () => {
  it("knows the product's own ENCRYPTION_KEYS, one key or several", () => {
    expect(rulesOf(`ENCRYPTION_KEYS=${key()}`)).toEqual(["assignment"]);
    const two = `ENCRYPTION_KEYS=${key()},${key()}`;
    const [found] = findSecrets(two);
    expect(two.slice(found?.start, found?.end)).toBe(two.slice("ENCRYPTION_KEYS=".length));
  });

  it.each([
    ["SendGrid", () => `SG.${randomLetters(22)}.${randomLetters(43)}`],
    ["Twilio", () => `SK${hexadecimal()}`],
    ["Telegram", () => `123456789:AA${randomLetters(33)}`],
  ])("knows a key of %s", (_, make) => {
    expect(rulesOf(`key is ${make()} there`)).toEqual(["api-key"]);
  });

  it.each(["sk-", "sk-proj-", "sk_live_", "hf_", "glpat-", "ghp_"])(
    "knows a key with the prefix %s and no digit",
    (prefix) => {
      expect(rulesOf(`${prefix}${randomLetters(40)}`)).toHaveLength(1);
    },
  );

  it("knows a token that is wrapped in base64", () => {
    const wrapped = (text: string) => Buffer.from(text).toString("base64");
    expect(rulesOf(`data: ${wrapped(`API_TOKEN=${randomToken()}`)}`)).toEqual(["base64"]);
    expect(rulesOf(`data: ${wrapped(`Bearer ${randomToken()}`)}`)).toEqual(["base64"]);
    expect(rulesOf(wrapped("A plain sentence about lentil soup, nothing else."))).toEqual([]);
    expect(rulesOf(randomBytes(200).toString("base64"))).toEqual([]);
  });

  it.each([
    "sk-navigation-bar-item-active-state",
    "monkey=chimpanzee-and-gorilla",
    "KEYBOARD_LAYOUT=qwerty-international",
  ])("takes %s for no secret", (text) => {
    expect(rulesOf(text)).toEqual([]);
  });

  it("distinguishes the names of secrets from others", () => {
    for (const name of ["API_TOKEN", "ENCRYPTION_KEYS", "apiKey", "db_password", "CREDENTIALS"])
      expect(isSecretName(name)).toBe(true);
    for (const name of ["MONKEY", "NAMESPACE", "TOKENIZER", "KEYBOARD"])
      expect(isSecretName(name)).toBe(false);
  });
});
