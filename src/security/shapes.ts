import type { Span } from "./view.ts";

/** A kind of secret that is known by its form alone. */
interface SecretShape {
  /** As the scan names it and `.secretsignore` allows it. */
  readonly rule: string;
  /** Global; the group `secret`, where there is one, is the part that has to stay secret. */
  readonly pattern: RegExp;
  /** What a pattern cannot say. */
  accepts?(secret: string): boolean;
}

/** A secret found in a text, by its place in it. */
export interface FoundSecret extends Span {
  readonly rule: string;
}

/** Bits of Shannon entropy a character that a random token has and a name or a path rarely does. */
const minimumEntropy = 3.2;

/** Names that say that their value is a secret. */
const secretNames = [
  "token",
  "secret",
  "password",
  "passwd",
  "passphrase",
  "credential",
  "apikey",
  "[_-]key",
];

/** In any case and number; `key` at the end of a longer name alone, as in `apiKey` and `API_KEY`, not `monkey`. */
const secretName = `(?:${secretNames.map((name) => name.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`)).join("|")}|[a-z0-9]Key)[sS]?`;

const secretNameEnd = new RegExp(`${secretName}$`);

/** Whether a variable or a field holds a secret by its name: `API_TOKEN`, `ENCRYPTION_KEYS`, `apiKey`. */
export function isSecretName(name: string): boolean {
  return secretNameEnd.test(name);
}

const secretValue = "[A-Za-z0-9+/_.~-]{16,400}={0,2}";

/**
 * The shapes, most telling first. Those of other services follow what each service documents of its
 * keys. Upstash documents none for its tokens: `upstash-token` rests on what they hold, base64 of a text
 * with the name and region of the database, and `assignment` finds one that is named as such.
 */
const secretShapes: readonly SecretShape[] = [
  {
    rule: "private-key",
    pattern:
      /-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY-----[A-Za-z0-9+/=\s\\,:.-]{16,8192}?(?:-----END (?:[A-Z0-9]+ ){0,4}PRIVATE KEY-----|$)/g,
    accepts: (secret) => /[A-Za-z0-9+/]{16}/.test(secret.slice(secret.indexOf("KEY-----") + 8)),
  },
  {
    rule: "upstash-token",
    pattern: /(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{40,400}(?![A-Za-z0-9+/_-])={0,2}/g,
    accepts: holdsDatabaseName,
  },
  { rule: "api-key", pattern: /\bsk-(?:[a-z]{2,10}-){0,3}[A-Za-z0-9_-]{20,}/g, accepts: isVaried },
  { rule: "api-key", pattern: /\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}/g, accepts: isVaried },
  {
    rule: "api-key",
    pattern: /\b(?:AIza[A-Za-z0-9_-]{35}|ck-[A-Za-z0-9]{40,}|hf_[A-Za-z0-9]{30,})/g,
    accepts: isVaried,
  },
  {
    rule: "api-key",
    pattern: /\b(?:npm_[A-Za-z0-9]{36}|glpat-[A-Za-z0-9_-]{20,}|xox[abeoprs]-[A-Za-z0-9-]{10,})/g,
    accepts: isVaried,
  },
  {
    // SendGrid, Twilio and Telegram, by the forms that they document.
    rule: "api-key",
    pattern:
      /\b(?:SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64}|(?:SK|AC)[0-9a-f]{32}(?![0-9a-f])|\d{8,10}:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-]))/g,
  },
  { rule: "aws-key", pattern: /\b(?:AKIA|ASIA)[A-Z2-7]{16}\b/g },
  {
    rule: "github-token",
    pattern: /\b(?:gh[oprsu]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})/g,
    accepts: isVaried,
  },
  { rule: "json-web-token", pattern: /\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/g },
  {
    rule: "authorization",
    pattern: /\bBearer[ \t]+(?<secret>[A-Za-z0-9._~+/-]{16,}={0,2})/gi,
    accepts: isRandom,
  },
  {
    rule: "authorization",
    pattern: /\bAuthorization["']?[ \t]*[:=][ \t]*["']?Basic[ \t]+(?<secret>[A-Za-z0-9+/_-]{8,}={0,2})/gi,
  },
  {
    rule: "url-password",
    pattern:
      /\b[a-z][a-z0-9+.-]{1,15}:\/\/[^\s/:@"'`<>]{0,100}:(?<secret>[^\s/@"'`<>]{3,200})@[A-Za-z0-9[]/gi,
    accepts: (secret) => !/^(?:[$%{*]|(?:pass(?:word)?|secret|x+|\.+)$)/i.test(secret),
  },
  {
    rule: "url-parameter",
    pattern:
      /[?&](?:_?token|access_token|api[_-]?key|key|secret|password|signature|sig)=(?<secret>[^&\s#"'`<>]{12,400})/gi,
    accepts: isRandom,
  },
  {
    rule: "assignment",
    pattern: new RegExp(
      `${secretName}["']?[ \\t]*(?::=|=>|[:=])[ \\t]*["'\`]?(?<secret>${secretValue}(?:,${secretValue})*)`,
      "g",
    ),
    accepts: isRandom,
  },
  {
    rule: "base64",
    pattern: /(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{24,4096}(?![A-Za-z0-9+/_-])={0,2}/g,
    accepts: (secret) => {
      const text = Buffer.from(secret, "base64").toString("latin1");
      return /^[\t\n\r\x20-\x7e]+$/.test(text) && findSecrets(text).length > 0;
    },
  },
];

/** Every secret in a text that is known by its shape; what two shapes claim is reported once. */
export function findSecrets(text: string): FoundSecret[] {
  const found: FoundSecret[] = [];
  for (const shape of secretShapes) {
    for (const match of text.matchAll(shape.pattern)) {
      const secret = match.groups?.secret ?? match[0];
      if (shape.accepts?.(secret) === false) continue;
      const start = match.index + match[0].lastIndexOf(secret);
      const end = start + secret.length;
      if (found.every((other) => other.end <= start || end <= other.start)) {
        found.push({ rule: shape.rule, start, end });
      }
    }
  }
  return found.sort((left, right) => left.start - right.start);
}

/** Whether a text looks drawn at random: letters and digits, many of them different, no placeholder. */
export function isRandom(text: string): boolean {
  return /\d/.test(text) && /[A-Za-z]/.test(text) && isDiverse(text);
}

/** As `isRandom`, for what a prefix already marks as a key: letters in both cases do for digits. */
function isVaried(text: string): boolean {
  return (/\d/.test(text) || (/[a-z]/.test(text) && /[A-Z]/.test(text))) && isDiverse(text);
}

function isDiverse(text: string): boolean {
  if (/example|placeholder|changeme|your[_-]|xxxx|\.\.\.|(.)\1{5}/i.test(text)) return false;
  return entropy(text) >= minimumEntropy;
}

/** Shannon's entropy of the characters of a text, in bits a character. */
function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

/** `noun-noun-12345-us1` with what follows it, as the names of Upstash's databases are made. */
function holdsDatabaseName(secret: string): boolean {
  const bytes = Buffer.from(secret, "base64").toString("latin1");
  return /[a-z]{2,}-[a-z]{2,}-\d{2,}-[a-z]{2,}\d?[a-z0-9-]*[A-Za-z0-9+/=]{8}/.test(bytes);
}
