import { randomBytes } from "node:crypto";

/** A token as a program draws it: 32 characters that occur nowhere else. */
export function randomToken(): string {
  let token = "";
  while (!/^[A-Za-z].*\d.*[A-Za-z0-9]$/.test(token))
    token = randomBytes(24).toString("base64url").replace(/[-_]/g, "7");
  return token;
}

/** What a token of Upstash holds, with a part drawn at random. */
export function upstashToken(): string {
  const content = `\u0000\u0017\u00050hungry-walrus-12345-us1admin${randomBytes(24).toString("base64")}`;
  return Buffer.from(content, "latin1").toString("base64");
}
