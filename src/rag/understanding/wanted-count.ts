const numerals = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

/** `top 5 nuts`, `name three soups`, but not `the 100 g` or `two people`. */
const howMany = new RegExp(
  `(?:^\\W*|\\b(?:top|the|best|name|list|show(?: me)?|give me|suggest|recommend)\\s+(?:me\\s+)?)(\\d{1,2}|${numerals.slice(1).join("|")})\\s+(?!g\\b|kg\\b|ml\\b|minutes|hours|days|of\\b|people|friends)\\p{L}`,
  "iu",
);

/** More records make no readable answer. */
const mostWanted = 20;

/** The number of records that a question asks for. */
export function wantedCount(text: string): number | undefined {
  const written = howMany.exec(text)?.[1]?.toLowerCase();
  if (written === undefined) return undefined;
  const place = numerals.indexOf(written);
  const count = place < 0 ? Number(written) : place + 1;
  return count > 0 ? Math.min(count, mostWanted) : undefined;
}
