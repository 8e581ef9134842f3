import type { Span } from "./view.ts";

/** A kind of secret that its form alone identifies. */
interface SecretShape {
  /** Name of the rule in scan reports. */
  readonly rule: string;
  /** Global. The optional group `secret` is the part to redact. */
  readonly pattern: RegExp;
  /** Conditions that a pattern cannot express. */
  accepts?(secret: string): boolean;
}

/** Position of a secret in a text. */
export interface FoundSecret extends Span {
  readonly rule: string;
}

/** Minimum Shannon entropy in bits per character: random tokens exceed it, names and paths rarely do. */
const minimumEntropy = 3.2;

/** Field names whose value is a secret. */
const secretNames = [
  "token",
  "secret",
  "password",
  "passwd",
  "passphrase",
  "credential",
  "apikey",
  "webhook_url",
  "[_-]key",
];

/**
 * Singular or plural, in any case. `key` counts only as the last word of a longer name: `apiKey`, `API_KEY`, not
 * `monkey`.
 */
const secretName = `(?:${secretNames.map((name) => name.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`)).join("|")}|[a-z0-9]Key)[sS]?`;

const secretNameEnd = new RegExp(`${secretName}$`);

/** Whether a variable or a field holds a secret by its name: `API_TOKEN`, `ENCRYPTION_KEYS`, `apiKey`. */
export function isSecretName(name: string): boolean {
  return secretNameEnd.test(name);
}

const secretValue = "[A-Za-z0-9+/_.~-]{16,400}={0,2}";

/**
 * The shapes, most specific first. Shapes of other services follow the documentation of their keys. Upstash documents
 * no token format: `upstash-token` matches base64 of a text with the name and region of a database, and `assignment`
 * matches a value assigned to a name that means token.
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
  { rule: "api-key", pattern: /\bragfood_[0-9a-f]{12}_[A-Za-z0-9_-]{43}/g },
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
    // SendGrid, Twilio and Telegram, as documented.
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
    // Anyone who knows the path of an incoming webhook can write into the channel.
    rule: "webhook",
    pattern:
      /\b(?:hooks\.slack\.com\/(?:services|workflows|triggers)|discord(?:app)?\.com\/api\/webhooks)\/(?<secret>[A-Za-z0-9/_-]{20,300})/g,
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

/** Every secret in a text that matches a shape. Overlapping matches are reported once. */
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

/** As `isRandom`, for text that a prefix marks as a key: mixed-case letters are enough, digits are not required. */
function isVaried(text: string): boolean {
  return (/\d/.test(text) || (/[a-z]/.test(text) && /[A-Z]/.test(text))) && isDiverse(text);
}

function isDiverse(text: string): boolean {
  if (/example|placeholder|changeme|your[_-]|xxxx|\.\.\.|(.)\1{5}/i.test(text)) return false;
  return entropy(text) >= minimumEntropy;
}

/** Shannon entropy of a text in bits per character. */
function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

/** `noun-noun-12345-us1` and a suffix: the form of Upstash database names. */
function holdsDatabaseName(secret: string): boolean {
  const bytes = Buffer.from(secret, "base64").toString("latin1");
  return /[a-z]{2,}-[a-z]{2,}-\d{2,}-[a-z]{2,}\d?[a-z0-9-]*[A-Za-z0-9+/=]{8}/.test(bytes);
}
