import type { GoldenQuestion, Safety } from "./golden-question.ts";

/** What an answer is judged by: the answers of ragfood's engine have this form. */
export interface JudgedAnswer {
  readonly text: string;
  readonly sources: readonly {
    /** 1, 2, 3: the number in `[1]`. */
    readonly number: number;
    readonly id: string;
    readonly metadata: Readonly<Record<string, unknown>>;
  }[];
  /** `none` for a question that is declined. */
  readonly generator: string;
}

/**
 * - `well`: all that was asked for, or rightly declined
 * - `partly`: a right record, but a fact or a record is missing
 * - `wrong`: no right record among the first sources, or none cited
 * - `declined`: declined although the data has the answer
 * - `misleading`: says what must not be said, lists what the question excludes, answers from another food, or
 *   answers what the data has nothing on
 */
export type Outcome = "well" | "partly" | "wrong" | "declined" | "misleading";

export interface Judgement {
  readonly outcome: Outcome;
  /** Whether a relevant record is among the first 3 sources. */
  readonly isFound: boolean;
  /** What is missing or wrong, in words. Empty for `well`. */
  readonly faults: readonly string[];
}

/** Sources that an answer is made of by default. */
const firstSources = 3;

/** Judges an answer by what its question asks for. */
export function judgeAnswer(question: GoldenQuestion, answer: JudgedAnswer): Judgement {
  const { relevant, declined } = question;
  const isFound = answer.sources.slice(0, firstSources).some(({ id }) => relevant.has(id));
  if (answer.generator === "none") {
    return declined
      ? { outcome: "well", isFound: false, faults: [] }
      : { outcome: "declined", isFound, faults: ["declined, although the data has the answer"] };
  }
  if (declined)
    return { outcome: "misleading", isFound, faults: ["answered, although the data has nothing"] };
  const cited = citedSources(answer);
  const text = plain(answer.text);
  const misleading = [
    ...question.forbidden.filter((phrase) => holds(text, phrase)).map((phrase) => `says "${phrase}"`),
    ...answer.sources.flatMap((source) => violations(source, question.safe)),
    ...(question.sole ? cited.filter(({ id }) => !relevant.has(id)).map(({ id }) => `cites ${id}`) : []),
  ];
  const missing = [
    ...question.facts
      .filter((phrases) => !phrases.some((phrase) => holds(text, phrase)))
      .map((phrases) => `does not say "${phrases.join('" or "')}"`),
    ...(question.all
      ? [...relevant].filter((id) => !cited.some((source) => source.id === id)).map((id) => `lacks ${id}`)
      : []),
  ];
  if (misleading.length > 0) {
    return { outcome: "misleading", isFound, faults: [...misleading, ...missing] };
  }
  const isCited = cited.some(({ id }) => relevant.has(id));
  if (!isFound || !isCited) {
    const place = isFound ? "among the cited sources" : `among the first ${firstSources} sources`;
    return { outcome: "wrong", isFound, faults: [`no right record ${place}`, ...missing] };
  }
  return { outcome: missing.length === 0 ? "well" : "partly", isFound, faults: missing };
}

/** The sources whose numbers the text cites; if it cites none, those that it names. */
function citedSources({ text, sources }: JudgedAnswer): JudgedAnswer["sources"] {
  const numbers = new Set(
    [...text.matchAll(/\[(\d+(?:\s*,\s*\d+)*)\]/g)].flatMap(([, list = ""]) => list.split(",").map(Number)),
  );
  const cited = sources.filter(({ number }) => numbers.has(number));
  if (cited.length > 0) return cited;
  const words = plain(text);
  return sources.filter(({ metadata: { name } }) => typeof name === "string" && holds(words, name));
}

function violations(source: JudgedAnswer["sources"][number], safe: Safety | undefined): string[] {
  if (safe === undefined) return [];
  const { id, metadata } = source;
  const { allergens, mayContain, diet, alcohol } = metadata;
  const contained = new Set([...listOf(allergens), ...listOf(mayContain)]);
  const labels = listOf(diet);
  const hasAlcohol = alcohol !== false || contained.has("alcohol");
  return [
    ...(safe.diet ?? []).filter((label) => !labels.includes(label)).map((label) => `${id} is not ${label}`),
    ...(safe.free ?? []).filter((name) => contained.has(name)).map((name) => `${id} may contain ${name}`),
    ...(safe.alcohol === false && hasAlcohol ? [`${id} may contain alcohol`] : []),
  ];
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
}

/** Lower case, without accents and citations, single spaces. */
function plain(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/\[\d+(?:\s*,\s*\d+)*\]/g, " ")
    .replace(/[‘’]/g, "'")
    .replace(/\s+/g, " ")
    .trim()
    .toLowerCase();
}

const wordCharacter = /[\p{L}\p{N}]/u;

/** Whether a text holds a phrase from the start of a word; the last word may go on (`egg` in `eggs`). */
function holds(text: string, phrase: string): boolean {
  const isBound = phrase.startsWith("^");
  const wanted = plain(isBound ? phrase.slice(1) : phrase);
  // "^no" is not the beginning of "nougat", and "25" not that of "250".
  const isWhole = isBound || /\d$/.test(wanted);
  const isAt = (place: number) =>
    !wordCharacter.test(text[place - 1] ?? "") &&
    !(isWhole && wordCharacter.test(text[place + wanted.length] ?? ""));
  if (isBound) return text.startsWith(wanted) && isAt(0);
  for (let place = text.indexOf(wanted); place >= 0; place = text.indexOf(wanted, place + 1)) {
    if (isAt(place)) return true;
  }
  return false;
}
