import type { Span, View } from "./view.ts";

/** Characters of a secret that are enough to take what stands there for the secret, cut short. */
const headLength = 12;

/** Characters that base64 of a part of a secret has at the least to be looked for. */
const shortestCore = 8;

/** One way to write the secret. */
interface Form {
  readonly text: string;
  /** Whether characters beside it hold bits of the secret too. */
  readonly isBase64: boolean;
}

/**
 * One secret whose value is known: found as it is, without its blanks, in base64 and in hexadecimal,
 * and cut off after its first 12 characters.
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

  /** Where the text of a view holds the secret, in places of the original. */
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

/** Where a text holds the whole, and where it holds the first characters of it or more. Linear in the text. */
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
    // A text that repeats itself must not be walked through again and again.
    const next = start + length - head.length + 1;
    start = text.indexOf(head, nextWhole >= 0 ? Math.min(next, nextWhole) : next);
  }
}

/** What a terminal shows of it: control characters do not get there. */
function visible(value: string): string {
  return value.replace(/[^\P{Cc}\t\n]/gu, "");
}

/**
 * What base64 of any text has in common that holds these bytes: one core for each place of a byte among
 * three. The characters at its ends also hold bits of what is around them and are not part of it.
 */
function base64Cores(bytes: Buffer): string[] {
  return [0, 1, 2].map((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset), bytes]);
    const first = Math.ceil((offset * 8) / 6);
    return padded.toString("base64").slice(first, Math.floor((padded.length * 8) / 6));
  });
}
