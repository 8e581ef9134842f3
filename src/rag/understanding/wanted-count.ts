const numerals = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

const persons = "people|persons|guests?|friends|adults|kids|children|vegans?|\\p{L}+(?:arians?|iacs?|etics?)";
const number = `(?:\\d{1,3}|${numerals.join("|")})`;

/** How many people eat, or how many of them: `for 8 people`, `two are vegan`, `for two vegans`, `one of us`. */
const ofPeople = new RegExp(
  `\\b${number}(?=\\s+(?:of (?:us|them|whom)|(?:${persons}|is|are|has|have|hates?|(?:dis)?likes?|wants?|eats?|does|do|can(?:not)?|must)\\b))|(?<=\\b(?:for|serves|feeds?|we are)\\s+)${number}(?=\\W*$|\\s*[,.;]|\\s+(?:with(?:out)?|and|who|on)\\b)`,
  "giu",
);

/** Where a text says how many people eat: no record has to hold such a number. */
export function headCounts(text: string): { readonly start: number; readonly end: number }[] {
  return [...text.matchAll(ofPeople)].map(({ index, 0: { length } }) => ({
    start: index,
    end: index + length,
  }));
}

/** `top 5 nuts`, `name three soups`, but not `the 100 g` or `two people`. */
const howMany = new RegExp(
  `(?:^\\W*|\\b(?:top|the|best|name|list|show(?: me)?|give me|suggest|recommend)\\s+(?:me\\s+)?)(\\d{1,2}|${numerals.slice(1).join("|")})\\s+(?!g\\b|kg\\b|ml\\b|minutes|hours|days|of\\b|(?:${persons})\\b)\\p{L}`,
  "iu",
);

/** More records make no readable answer. */
const mostWanted = 20;

/** The number of records that a question asks for. */
export function wantedCount(text: string): number | undefined {
  const found = howMany.exec(text);
  // `Three Brands soup` is a name, and `#1` a rank.
  if (found === null || /#\s*\d|^\W*\p{Lu}\p{Ll}+\s+\p{Lu}$/u.test(found[0])) return undefined;
  const written = found[1]?.toLowerCase();
  if (written === undefined) return undefined;
  const place = numerals.indexOf(written);
  const count = place < 0 ? Number(written) : place + 1;
  return count > 0 ? Math.min(count, mostWanted) : undefined;
}
