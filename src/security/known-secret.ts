import type { Span, View } from "./view.ts";

/** A prefix of this many characters counts as a truncated secret. */
const headLength = 12;

/** Minimum base64 characters of a partial secret that are searched for. */
const shortestCore = 8;

/** One way to write the secret. */
interface Form {
  readonly text: string;
  /** Whether neighbouring characters also hold bits of the secret. */
  readonly isBase64: boolean;
}

/**
 * Finds one secret whose value is known: in plain text, without its whitespace, in base64, in hexadecimal, and
 * truncated to at least its first 12 characters.
 */
export class KnownSecret {
  readonly #forms: readonly Form[];

  constructor(value: string) {
    const bytes = Buffer.from(value);
    const cores = base64Cores(bytes).filter((core) => core.length >= shortestCore);
    const urlCores = cores.map((core) => core.replaceAll("+", "-").replaceAll("/", "_"));
    const hexadecimal = bytes.toString("hex");
    const plain = [value, visible(value), value.replace(/\s/g, ""), value.replaceAll(" ", "+")];
    this.#forms = [
      ...[...plain, hexadecimal, hexadecimal.toUpperCase()].map((text) => ({ text, isBase64: false })),
      ...[...cores, ...urlCores].map((text) => ({ text, isBase64: true })),
    ].filter(
      ({ text }, place, all) =>
        text.length >= shortestCore && all.findIndex((other) => other.text === text) === place,
    );
  }

  /** Matches in a view, as ranges of the original text. */
  *find(view: View): Generator<Span> {
    const { text } = view;
    for (const form of this.#forms) {
      const margin = form.isBase64 ? 2 : 0;
      for (const { start, end } of occurrences(text, form.text)) {
        yield view.original(Math.max(0, start - margin), Math.min(text.length, end + margin));
      }
    }
  }
}

/** Full matches, and matches of its first characters or more. Takes time linear in the text. */
function* occurrences(text: string, whole: string): Generator<Span> {
  const head = whole.slice(0, headLength);
  let nextWhole = text.indexOf(whole);
  for (let start = text.indexOf(head); start >= 0; ) {
    if (nextWhole >= 0 && start >= nextWhole) {
      yield { start: nextWhole, end: nextWhole + whole.length };
      start = text.indexOf(head, nextWhole + whole.length);
      nextWhole = text.indexOf(whole, nextWhole + whole.length);
      continue;
    }
    let length = head.length;
    while (length < whole.length && text[start + length] === whole[length]) length++;
    yield { start, end: start + length };
    // Keeps the search linear in repetitive text.
    const next = start + length - head.length + 1;
    start = text.indexOf(head, nextWhole >= 0 ? Math.min(next, nextWhole) : next);
  }
}

/** The secret as a terminal shows it, without control characters. */
function visible(value: string): string {
  return value.replace(/[^\P{Cc}\t\n]/gu, "");
}

/**
 * The part that base64 of every text with these bytes shares: one core for each offset modulo three. The characters at
 * its ends depend on neighbouring bytes and are left out.
 */
function base64Cores(bytes: Buffer): string[] {
  return [0, 1, 2].map((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset), bytes]);
    const first = Math.ceil((offset * 8) / 6);
    return padded.toString("base64").slice(first, Math.floor((padded.length * 8) / 6));
  });
}
