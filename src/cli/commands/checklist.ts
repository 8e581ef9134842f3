import { makeChecklist } from "../../composition/checklist.ts";
import { readSettings } from "../../config/settings.ts";
import { durationText } from "../../foundation/duration-text.ts";
import type { Checklist } from "../../operations/checklist/checklist.ts";
import type { Criterion, CriterionResult } from "../../operations/checklist/criterion.ts";
import type { Run } from "../command.ts";
import type { checklist } from "../definitions/checklist.ts";
import { exitCodes } from "../failure.ts";
import { oneLine } from "../foreign-text.ts";
import { spanOf } from "../span.ts";
import { withStateIfAny } from "../state.ts";
import type { Terminal } from "../terminal.ts";

export const runChecklist: Run<typeof checklist> = async (values, { environment, terminal }) => {
  const settings = readSettings(environment);
  const span = spanOf(values);
  const result = await withStateIfAny(settings, (state) =>
    makeChecklist({
      settings,
      state,
      span,
      name: values.name,
      minimumSatisfaction: values["minimum-satisfaction"],
    }),
  );
  if (values.json) terminal.json(result);
  else print(result, terminal);
  return result.isPassed ? exitCodes.done : exitCodes.failed;
};

const colors = { pass: "green", fail: "red", unknown: "yellow" } as const;

function print({ criteria, checkedAt, isPassed }: Checklist, terminal: Terminal): void {
  for (const criterion of criteria) {
    const mark = terminal.style(colors[criterion.result], criterion.result.padEnd("unknown".length));
    terminal.line(`${mark}  ${terminal.style("bold", oneLine(criterion.title))}`);
    terminal.line(
      `         ${oneLine(criterion.evidence)} ${oneLine(ageText(criterion, checkedAt))}`.trimEnd(),
    );
    if (criterion.result !== "pass") terminal.line(terminal.style("dim", `         ${criterion.command}`));
  }
  const count = (result: CriterionResult) => criteria.filter((one) => one.result === result).length;
  terminal.line();
  terminal.line(
    isPassed
      ? `All ${criteria.length} criteria pass.`
      : `${count("pass")} of ${criteria.length} criteria pass, ${count("fail")} fail, ${count("unknown")} are unknown.`,
  );
}

function ageText({ measuredAt }: Criterion, checkedAt: string): string {
  if (measuredAt === undefined) return "";
  const age = Date.parse(checkedAt) - Date.parse(measuredAt);
  return age < 60_000 ? "(now)" : `(${durationText(age)} ago)`;
}
