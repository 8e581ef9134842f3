/** A place of a text, `end` not included. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A text as it reads after an encoding is undone, with the place in the original that each character comes from. */
export interface View {
  readonly text: string;
  /** The place in the original that these characters of the view take up. */
  original(start: number, end: number): Span;
}

/** How a text may be written another way: `pattern` finds the escapes, `read` says what one stands for. */
interface Encoding {
  readonly pattern: RegExp;
  read(written: string): string;
}

const jsonEscapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };

const htmlNames: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

const percent: Encoding = { pattern: /(?:%[0-9a-f]{2})+/gi, read: percentDecoded };

const json: Encoding = {
  pattern: /\\(?:u[0-9a-f]{4}|[^\n])/gi,
  read: (written) =>
    written.length > 2
      ? String.fromCharCode(Number.parseInt(written.slice(2), 16))
      : (jsonEscapes[written.charAt(1)] ?? written.slice(1)),
};

const html: Encoding = {
  pattern: /&(?:#x[0-9a-f]{1,6}|#\d{1,7}|amp|lt|gt|quot|apos);/gi,
  read: (written) => {
    const name = written.slice(1, -1).toLowerCase();
    if (!name.startsWith("#")) return htmlNames[name] ?? written;
    const code = name.startsWith("#x") ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code <= 0x10ffff ? String.fromCodePoint(code) : written;
  },
};

/** Blanks do not count: a line end and an indent may stand anywhere in what was wrapped. */
const wrapped: Encoding = { pattern: /\s+/g, read: () => "" };

/** Encodings inside one another that are undone, as JSON in a URL in JSON. */
const maximumDepth = 3;
const maximumViews = 24;

/** The text, and every way to read it. */
export function viewsOf(text: string): View[] {
  const views: { view: View; depth: number }[] = [
    { view: { text, original: (start, end) => ({ start, end }) }, depth: 0 },
  ];
  const seen = new Set([text]);
  for (const { view, depth } of views) {
    if (depth >= maximumDepth) continue;
    for (const encoding of [percent, json, html, wrapped]) {
      if (views.length >= maximumViews) break;
      if (encoding === wrapped && !view.text.includes("\n")) continue;
      if (view.text.search(encoding.pattern) < 0) continue;
      const next = decode(view, encoding);
      if (seen.has(next.text)) continue;
      seen.add(next.text);
      views.push({ view: next, depth: depth + 1 });
    }
  }
  return views.map(({ view }) => view);
}

/** An escape: where it stood, and where what it stands for is now. */
interface Decoded {
  readonly old: Span;
  readonly now: Span;
}

function decode(view: View, { pattern, read }: Encoding): View {
  const pieces: string[] = [];
  const escapes: Decoded[] = [];
  let length = 0;
  let place = 0;
  for (const { 0: written, index } of view.text.matchAll(pattern)) {
    const meaning = read(written);
    pieces.push(view.text.slice(place, index), meaning);
    const start = length + index - place;
    length = start + meaning.length;
    place = index + written.length;
    escapes.push({ old: { start: index, end: place }, now: { start, end: length } });
  }
  pieces.push(view.text.slice(place));
  return {
    text: pieces.join(""),
    original: (start, end) =>
      view.original(characterAt(escapes, start).start, characterAt(escapes, end - 1).end),
  };
}

/** Where one character comes from: an escape as a whole, or a character that stayed as it was. */
function characterAt(escapes: readonly Decoded[], place: number): Span {
  let low = 0;
  let high = escapes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((escapes[middle] as Decoded).now.start <= place) low = middle + 1;
    else high = middle;
  }
  const escaped = escapes[low - 1];
  if (escaped === undefined) return { start: place, end: place + 1 };
  if (place < escaped.now.end) return escaped.old;
  const start = escaped.old.end + place - escaped.now.end;
  return { start, end: start + 1 };
}

/** Bytes that are no UTF-8 stand for themselves. */
function percentDecoded(escapes: string): string {
  try {
    return decodeURIComponent(escapes);
  } catch {
    return Buffer.from(escapes.replaceAll("%", ""), "hex").toString("latin1");
  }
}
