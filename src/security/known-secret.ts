/**
 * Finds one secret, whose value is known, in any text: as it is, percent-encoded, escaped for JSON or
 * HTML, broken by line ends, cut off after its first characters, in base64 or in hexadecimal.
 */

/** Characters of a secret that are enough to take what stands there for the secret, cut short. */
const headLength = 12;

/** A place of a text, `end` not included. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A line end inside a secret, itself perhaps escaped for JSON, with an indent. */
const lineBreak = "(?:[ \\t]{0,16}(?:\\r?\\n|(?:\\\\{1,4}r)?\\\\{1,4}n)[ \\t]{0,16})?";

const entities: Readonly<Record<string, string>> = {
  "&": "amp",
  "<": "lt",
  ">": "gt",
  '"': "quot",
  "'": "apos",
};

/** One way to write the secret: a pattern for its head, and one for each character after it. */
interface Form {
  readonly head: RegExp;
  readonly rest: readonly RegExp[];
  /** Characters of an encoding that may hold bits of the secret before and after. */
  readonly margin: RegExp | undefined;
}

export class KnownSecret {
  readonly #forms: readonly Form[];

  constructor(value: string) {
    const bytes = Buffer.from(value);
    const encoded = base64Cores(bytes).filter((core) => core.length >= 8);
    this.#forms = [
      form(visible(value), undefined),
      ...encoded.map((core) => form(core, /[A-Za-z0-9+/_-]/)),
      form(bytes.toString("hex"), undefined, "i"),
    ];
  }

  /** Where the text holds the secret. */
  *find(text: string): Generator<Span> {
    for (const { head, rest, margin } of this.#forms) {
      for (const match of text.matchAll(head)) {
        let start = match.index;
        let end = start + match[0].length;
        for (const next of rest) {
          next.lastIndex = end;
          if (!next.test(text)) break;
          end = next.lastIndex;
        }
        for (let step = 0; margin && step < 2; step++) {
          if (margin.test(text[start - 1] ?? " ")) start--;
          if (margin.test(text[end] ?? " ")) end++;
        }
        yield { start, end };
      }
    }
  }
}

function form(value: string, margin: RegExp | undefined, flags = ""): Form {
  const characters = [...value].map((character) => characterPattern(character, margin !== undefined));
  return {
    head: new RegExp(characters.slice(0, headLength).join(lineBreak), `gu${flags}`),
    rest: characters
      .slice(headLength)
      .map((character) => new RegExp(`${lineBreak}${character}`, `yu${flags}`)),
    margin,
  };
}

/** What a terminal shows of it: control characters do not get there. */
function visible(value: string): string {
  return value.replace(/[^\P{Cc}\t\n]/gu, "");
}

function characterPattern(character: string, isBase64: boolean): string {
  if (/\s/.test(character)) return "(?:[\\s+]|%(?:25)*20|%(?:25)*0[9aAdD]|\\\\+[nrt]){1,16}";
  const forms = [literal(character)];
  if (isBase64 && character === "+") forms.push("-");
  if (isBase64 && character === "/") forms.push("_");
  forms.push([...Buffer.from(character)].map((byte) => `%(?:25)*${anyCase(hex(byte, 2))}`).join(""));
  forms.push(
    Array.from({ length: character.length }, (_, unit) => character.charCodeAt(unit))
      .map((code) => `\\\\+u${anyCase(hex(code, 4))}`)
      .join(""),
  );
  if (/["'\\/]/.test(character)) forms.push(`\\\\+${literal(character)}`);
  const code = character.codePointAt(0) ?? 0;
  forms.push(`&#(?:x0*${anyCase(code.toString(16))}|0*${code});`);
  const entity = entities[character];
  if (entity !== undefined) forms.push(`&${entity};`);
  return `(?:${forms.join("|")})`;
}

function literal(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}

function anyCase(digits: string): string {
  return digits.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
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
