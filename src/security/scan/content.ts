import { createHash } from "node:crypto";
import { findSecrets } from "../shapes.ts";

/** A secret found in a file or object. */
export interface ContentFinding {
  /** From 1. */
  readonly line: number;
  readonly rule: string;
  /** The first four characters: enough to recognise the secret, too few to use it. */
  readonly excerpt: string;
  /** Characters of the secret. */
  readonly length: number;
  /** 16 hexadecimal digits of the secret's SHA-256. `.secretsignore` lists these. */
  readonly fingerprint: string;
}

/** A line with this marker and a reason was reviewed by a person. */
const marker = /allow-secret:[ \t]*\S{3}/;

/** Window size and overlap in bytes. No shape is longer than the overlap. */
const windowBytes = 4 * 1024 * 1024;
const overlapBytes = 16 * 1024;

/** Finds secrets in content of any size with bounded memory. */
export async function* scanContent(chunks: AsyncIterable<Buffer>): AsyncGenerator<ContentFinding> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let line = 1;
  let encoding: "latin1" | "utf16le" | undefined;
  for await (const chunk of chunks) {
    held.push(chunk);
    heldBytes += chunk.length;
    if (heldBytes < windowBytes) continue;
    const window = Buffer.concat(held);
    encoding ??= encodingOf(window);
    // Does not split a UTF-16 code unit.
    const kept = (window.length - overlapBytes) & ~1;
    yield* scanWindow(window, encoding, line, kept);
    line += countLines(window.subarray(0, kept));
    held = [window.subarray(kept)];
    heldBytes = window.length - kept;
  }
  const rest = Buffer.concat(held);
  yield* scanWindow(rest, encoding ?? encodingOf(rest), line, rest.length);
}

/** Secrets are ASCII. Latin-1 decodes ASCII in UTF-8 and most other encodings without moving it. */
function encodingOf(bytes: Buffer): "latin1" | "utf16le" {
  return bytes[0] === 0xff && bytes[1] === 0xfe ? "utf16le" : "latin1";
}

function* scanWindow(
  bytes: Buffer,
  encoding: "latin1" | "utf16le",
  firstLine: number,
  /** Matches that begin past this many bytes are reported with the next window. */
  endByte: number,
): Generator<ContentFinding> {
  const text = bytes.toString(encoding);
  const width = encoding === "latin1" ? 1 : 2;
  let line = firstLine;
  let place = 0;
  for (const { rule, start, end } of findSecrets(text)) {
    if (start * width >= endByte) continue;
    line += countBreaks(text, place, start);
    place = start;
    if (marker.test(lineAt(text, start, end))) continue;
    const secret = text.slice(start, end);
    yield {
      line,
      rule,
      excerpt: secret.slice(0, 4),
      length: secret.length,
      fingerprint: fingerprintOf(secret),
    };
  }
}

function fingerprintOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex").slice(0, 16);
}

function lineAt(text: string, start: number, end: number): string {
  const next = text.indexOf("\n", end);
  return text.slice(text.lastIndexOf("\n", start) + 1, next < 0 ? text.length : next);
}

function countBreaks(text: string, from: number, to: number): number {
  let count = 0;
  for (
    let place = text.indexOf("\n", from);
    place >= 0 && place < to;
    place = text.indexOf("\n", place + 1)
  ) {
    count++;
  }
  return count;
}

function countLines(bytes: Buffer): number {
  let count = 0;
  for (let place = bytes.indexOf(10); place >= 0; place = bytes.indexOf(10, place + 1)) count++;
  return count;
}
