/** A range of a text; `end` is exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A decoded text that maps each character to its position in the original. */
export interface View {
  readonly text: string;
  /** The range of the original that these characters of the view cover. */
  original(start: number, end: number): Span;
}

/** An encoding: `pattern` finds its escapes, `read` decodes one. */
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

/** Ignores whitespace, because wrapped text may contain line ends and indents anywhere. */
const wrapped: Encoding = { pattern: /\s+/g, read: () => "" };

/** Maximum depth of nested encodings, such as JSON in a URL in JSON. */
const maximumDepth = 3;
const maximumViews = 24;

/** The text and all its decoded views. */
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

/** An escape: its range in the original, and the range of its decoded text. */
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

/** The origin of one character: a whole escape, or an unchanged character. */
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

/** Bytes that are not valid UTF-8 are kept as Latin-1 characters. */
function percentDecoded(escapes: string): string {
  try {
    return decodeURIComponent(escapes);
  } catch {
    return Buffer.from(escapes.replaceAll("%", ""), "hex").toString("latin1");
  }
}
