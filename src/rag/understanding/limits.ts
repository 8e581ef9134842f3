import { allOf, type Filter } from "../../store/filter.ts";
import { fieldsAsked } from "./fields.ts";
import type { Lexicon } from "./lexicon.ts";
import type { Constraint } from "./plan.ts";

/** A text without the limit that it had. */
interface LimitedText {
  readonly text: string;
  readonly limit?: Constraint;
}

/** Takes the limit of a figure out of a question: of energy in questions about foods, of any field elsewhere. */
export function takeLimit(text: string, lexicon: Lexicon): LimitedText {
  return lexicon.holdsFoods ? takeEnergyLimit(text, lexicon) : takeFieldLimit(text, lexicon);
}

function limited(
  text: string,
  written: string,
  kind: Constraint["kind"],
  name: string,
  filter: Filter | undefined,
): LimitedText {
  const limit = { kind, name, isExcluded: false, ...(filter && { filter }) };
  return { text: text.replace(written, " ").replace(/\s+/g, " ").trim(), limit };
}

type Operator = "<" | "<=" | ">" | ">=";

const opposite: Readonly<Record<Operator, Operator>> = { "<": ">=", "<=": ">", ">": "<=", ">=": "<" };

const operators: readonly (readonly [words: RegExp, operator: Operator])[] = [
  [/^(?:at least|no less than|not less than|minimum|min|since|from)$/i, ">="],
  [/^(?:at most|no more than|not more than|maximum|max|up to|until)$/i, "<="],
  [
    /^(?:<|under|below|before|(?:less|fewer|lower|shorter|smaller|lighter|cheaper|older|earlier|younger) than)$/i,
    "<",
  ],
  [/./, ">"],
];

/** The operator that words of a limit stand for. */
function operatorOf(how: string): Operator {
  return operators.find(([words]) => words.test(how))?.[1] ?? ">";
}

const limit =
  /(?:\bthat (?:is|are) |\b(?:is|are) )?(?<not>\bnot )?\b(?<how>at least|at most|(?:no|not) (?:more|less) than|up to|until|since|over|above|under|below|before|after|\p{L}+(?:er|re|ss) than|fewer than)\s+(?<number>\d+(?:\.\d+)?)\b(?:\s*(?<unit>m|metres?|meters?|feet|ft|km|kg|years?|euros?|dollars?|%)\b)?/iu;

/** `higher than`, but neither `more than` nor `over`. */
const comparative = /^\p{L}+er than$/iu;

/** A greater figure means older, where the figure is an age. */
const isAge = /age/i;

/**
 * `higher than 100 metres`, `before 1600`: the condition on a field with numbers, and the text without it. Without a
 * filter if no field is meant, so that nothing can be compared.
 */
function takeFieldLimit(text: string, lexicon: Lexicon): LimitedText {
  const found = limit.exec(text);
  const { how = "", number = "", unit = "", not } = found?.groups ?? {};
  if (found === null) return { text };
  const [written] = found;
  const fields = lexicon.catalog.numbers.map(([each]) => each);
  const [own] = fieldsAsked(written, fields);
  const [named] = own === undefined ? fieldsAsked(text, fields) : [own];
  // `100 years old` is no year.
  const field = /^years?$/i.test(unit) && !isAge.test(named ?? "") ? undefined : named;
  // `more than 100 requests` may be words of a text.
  if (named === undefined && !comparative.test(how)) return { text };
  const read = operatorOf(how);
  const turned = /^(?:older|younger) /i.test(how) && isAge.test(field ?? "") !== /^younger /i.test(how);
  const operator = (not !== undefined) !== turned ? opposite[read] : read;
  const filter: Filter | undefined =
    field === undefined ? undefined : { kind: "comparison", field, operator, value: Number(number) };
  const name = field === undefined ? written.trim() : `${field} ${operator} ${number}`;
  return limited(text, written, "figure", name, filter);
}

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
function takeEnergyLimit(text: string, lexicon: Lexicon): LimitedText {
  const found = oneSided.exec(text) ?? twoSided.exec(text);
  if (found === null) return { text };
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
  return limited(text, written, "energy", `${name.toLowerCase()} kcal per 100 g`, filter);
}
