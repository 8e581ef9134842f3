import { numberOfRole, textsOfRole } from "../catalog/roles.ts";
import { energyOf } from "../record/facts.ts";
import { splitSentences } from "../sentences.ts";
import type { Source } from "../source.ts";
import { asksAnything, type QuestionPlan, wholeQuestion } from "../understanding/plan.ts";
import { directionOf } from "../understanding/subjects.ts";
import type { FieldRole } from "../vocabulary/vocabulary.ts";
import { foodLines } from "./food-lines.ts";
import { type AnswerLine, joined, line } from "./line.ts";

interface Subject {
  readonly name: string;
  readonly source: Source;
}

const rows: readonly (readonly [label: string, role: FieldRole])[] = [
  ["Type", "type"],
  ["From", "region"],
  ["Ingredients", "ingredients"],
  ["Allergens", "allergens"],
  ["May contain", "mayContain"],
  ["Diet", "diet"],
  ["Season", "season"],
];

/** Foods side by side: first the difference that was asked for, then each by the same facts. */
export function compareLines(plan: QuestionPlan, subjects: readonly Subject[]): AnswerLine[] {
  const { asked } = plan;
  const [only] = subjects;
  if (only && subjects.length === 1) {
    return [
      line(`The data has a record of only one of them: ${only.name}.`, only.source),
      ...foodLines(plan, only.name, only.source),
    ];
  }
  if (asked.facts.includes("energy")) return energyLines(plan, subjects);
  if (asksAnything(asked)) return subjects.flatMap(({ name, source }) => foodLines(plan, name, source));
  const lines = subjects.map(({ source }) => line(splitSentences(source.text)[0] ?? "", source));
  const energies = rowOf("Energy", subjects, ({ source }) => energyOf(source));
  if (energies) lines.push(energies);
  for (const [label, role] of rows) {
    const row = rowOf(label, subjects, ({ source }) => {
      const values = textsOfRole(source.metadata, role);
      return values === undefined ? undefined : values.length === 0 ? "none listed" : values.join(", ");
    });
    if (row) lines.push(row);
  }
  return lines;
}

/** `Energy: Tofu 76 kcal per 100 g; Tempeh 192 kcal per 100 g`; `undefined` if no record has it. */
function rowOf(
  label: string,
  subjects: readonly Subject[],
  read: (subject: Subject) => string | undefined,
): AnswerLine | undefined {
  const values = subjects.map(read);
  if (values.every((value) => value === undefined)) return undefined;
  const cells = subjects.map(({ name }, place) => `${name}: ${values[place] ?? "not recorded"}`);
  const sources = subjects.filter((_, place) => values[place] !== undefined).map(({ source }) => source);
  return line(`${label} – ${cells.join("; ")}.`, ...sources);
}

function energyLines(plan: QuestionPlan, subjects: readonly Subject[]): AnswerLine[] {
  const direction = directionOf(wholeQuestion(plan));
  const known = subjects.flatMap(({ name, source }) => {
    const kilocalories = numberOfRole(source.metadata, "energy");
    return kilocalories === undefined ? [] : [{ name, source, kilocalories }];
  });
  const sign = direction === "least" ? 1 : -1;
  known.sort((left, right) => sign * (left.kilocalories - right.kilocalories));
  const missing = subjects.filter(({ source }) => !known.some((each) => each.source === source));
  const lines: AnswerLine[] = [];
  const [first, second] = known;
  if (first && second) {
    const isEqual = first.kilocalories === known.at(-1)?.kilocalories;
    const degree = known.length > 2 ? direction : direction === "least" ? "less" : "more";
    const is = known.length > 2 ? `has the ${degree}` : `has ${degree}`;
    const verdict = isEqual
      ? `${joined(known.map(({ name }) => name))} have the same energy: ${first.kilocalories} kcal per 100 g.`
      : `${first.name} ${is} energy: ${known.map(({ name, kilocalories }) => `${name} ${kilocalories} kcal per 100 g`).join(", ")}.`;
    lines.push(line(verdict, ...known.map(({ source }) => source)));
  } else if (first) {
    lines.push(line(`${first.name} has ${first.kilocalories} kcal per 100 g.`, first.source));
  }
  for (const { name, source } of missing)
    lines.push(line(`The record of ${name} does not say how much energy it has.`, source));
  for (const { source } of known) {
    const note = splitSentences(source.text).find((each) => /\b(?:energy|kcal|calorie)/i.test(each));
    if (note) lines.push(line(note, source));
  }
  return lines;
}
