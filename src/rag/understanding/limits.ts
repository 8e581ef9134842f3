import { allOf } from "../../store/filter.ts";
import { type Operator, operatorOf } from "./field-limits.ts";
import type { Lexicon } from "./lexicon.ts";
import type { Constraint } from "./plan.ts";

const number = String.raw`(\d+(?:\.\d+)?)`;
const unit = String.raw`(?:kcal|kilocalories|calories|cal)\b(?: per 100 ?g)?`;

const oneSided = new RegExp(
  `(?:\\bwith\\s+)?(?<how>\\b(?:under|below|less than|fewer than|at most|up to|no more than|not more than|maximum|max|over|above|more than|at least|no less than|minimum|min)\\b|[<>])\\s*(?:of\\s+)?${number}\\s*${unit}`,
  "i",
);

const twoSided = new RegExp(
  `(?:\\bwith\\s+)?\\bbetween\\s+${number}\\s*(?:kcal|calories)?\\s+and\\s+${number}\\s*${unit}`,
  "i",
);

/** `fruits under 60 kcal`: the condition on energy, and the text without it. */
export function takeEnergyLimit(
  text: string,
  lexicon: Lexicon,
): { readonly text: string; readonly limit?: Constraint } {
  const found = oneSided.exec(text) ?? twoSided.exec(text);
  if (found === null || !lexicon.holdsFoods) return { text };
  const [written, ...parts] = found;
  const numbers = parts.filter((part) => /^\d/.test(part ?? "")).map(Number);
  const how = found.groups?.how;
  const sides: readonly Operator[] = how === undefined ? [">=", "<="] : [operatorOf(how)];
  const [field] = lexicon.fields("energy");
  const filter =
    field &&
    allOf(
      sides.map((operator, place) => {
        return { kind: "comparison", field: field.field, operator, value: numbers[place] ?? 0 };
      }),
    );
  const name = written.replace(/^with\s+/i, "").replace(/\s*(?:kcal|calories|cal|kilocalories).*$/i, "");
  return {
    text: text.replace(written, " ").replace(/\s+/g, " ").trim(),
    limit: {
      kind: "energy",
      name: `${name.toLowerCase()} kcal per 100 g`,
      isExcluded: false,
      ...(filter && { filter }),
    },
  };
}

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
