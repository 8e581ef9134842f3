import { readFile } from "node:fs/promises";
import { shippedQueries } from "../../composition/report.ts";
import { readSettings } from "../../config/settings.ts";
import {
  type AnswerFigures,
  type AnswersComparison,
  type AnswersReport,
  compareAnswers,
  evaluateAnswers,
  percent,
  readGoldenQuestions,
  type Share,
} from "../../evaluation/index.ts";
import { decodeText } from "../../foundation/decode-text.ts";
import { DataError, UsageError } from "../../foundation/errors.ts";
import { parseJson } from "../../foundation/exact-json/index.ts";
import { counted } from "../../foundation/plural.ts";
import type { Run } from "../command.ts";
import type { answers } from "../definitions/evaluate.ts";
import { requireRecords } from "../evaluation-options.ts";
import { exitCodes } from "../failure.ts";
import { oneLine } from "../foreign-text.ts";
import { requireFill, withApplication } from "../prepare.ts";
import type { Terminal } from "../terminal.ts";

/** `ragfood evaluate answers`: asks golden questions through `ask` and judges the answers. */
export const measureAnswers: Run<typeof answers> = async (values, context) => {
  const { terminal, signal } = context;
  const { minimum } = values;
  const before = values.against === undefined ? undefined : await readRun(values.against);
  const file = values.queries ?? shippedQueries;
  const questions = (await readGoldenQuestions(file)).filter(
    ({ kind, split }) =>
      (values.kind === undefined || kind === values.kind) &&
      (values.split === undefined || split === values.split),
  );
  if (questions.length === 0) {
    throw new UsageError(`${file} has no question of this kind and split.`, {
      hint: "Leave out --kind or --split.",
    });
  }
  requireCommon(before, questions, values.against);
  const settings = readSettings(context.environment);
  const namespace = values.namespace ?? settings.namespace;
  await requireFill(settings, namespace);
  return await withApplication(settings, context, async (application) => {
    await requireRecords(application, namespace, context);
    const report = await evaluateAnswers(application.engine, questions, {
      namespace,
      signal,
      onProgress: (done, total) => terminal.progress("Asking", done, total),
    });
    const comparison = before && compareAnswers(before, report);
    const shareWell = report.total.well.hits / report.total.well.count;
    const isBelow = minimum !== undefined && shareWell < minimum;
    if (values.json) {
      terminal.json({
        ...report,
        ...(comparison && { comparison }),
        ...(minimum !== undefined && { minimum, isBelow }),
      });
    } else {
      printReport(report, terminal);
      if (comparison) printComparison(comparison, terminal);
    }
    if (!isBelow) return undefined;
    terminal.note(`${percent(shareWell)} are answered well, less than the minimum of ${percent(minimum)}.`);
    return exitCodes.failed;
  });
};

/** @throws {DataError} if no question is in both runs: nothing could be compared */
function requireCommon(
  before: Pick<AnswersReport, "questions"> | undefined,
  questions: readonly { readonly id: string }[],
  file: string = "",
): void {
  const ids = new Set(questions.map(({ id }) => id));
  if (before === undefined || before.questions.some(({ id }) => ids.has(id))) return;
  throw new DataError(file, `${file} has none of these questions: there is nothing to compare.`, {
    hint: "Compare with a run over the same file of questions (--queries, --split, --kind).",
  });
}

/** @throws {DataError} if the file is not a saved run */
async function readRun(file: string): Promise<Pick<AnswersReport, "questions">> {
  const hint = "Save a run with: ragfood evaluate answers --json > run.json";
  let run: unknown;
  try {
    run = parseJson(decodeText(await readFile(file)));
  } catch (error) {
    throw new DataError(file, `${file} cannot be read as a saved run: ${(error as Error).message}.`, {
      cause: error,
      hint,
    });
  }
  if (!isRun(run)) throw new DataError(file, `${file} is not a saved run.`, { hint });
  return run;
}

/** Whether a value has what a comparison reads: id and outcome of each question. */
function isRun(value: unknown): value is Pick<AnswersReport, "questions"> {
  const { questions } = (value ?? {}) as { questions?: unknown };
  return (
    Array.isArray(questions) &&
    questions.length > 0 &&
    questions.every((each) => typeof each?.id === "string" && typeof each.outcome === "string")
  );
}

function printReport({ questions, kinds, total }: AnswersReport, terminal: Terminal): void {
  for (const { id, kind, outcome, question, faults } of questions) {
    if (outcome === "well") continue;
    const color = outcome === "misleading" ? "red" : "yellow";
    terminal.line(
      `${oneLine(id).padEnd(5)} ${terminal.style(color, outcome.padEnd(10))} ${oneLine(kind).padEnd(12)}  ${oneLine(question)}`,
    );
    for (const fault of faults) terminal.line(terminal.style("dim", `      ${oneLine(fault)}`));
  }
  terminal.line();
  const width = Math.max(...Object.keys(kinds).map((kind) => kind.length), "kind".length);
  terminal.line(
    terminal.style("dim", `${"kind".padEnd(width)}  asked  well (95 %)            misleading  top 3`),
  );
  for (const [kind, figures] of Object.entries(kinds)) terminal.line(row(oneLine(kind), figures, width));
  terminal.line(terminal.style("bold", row("all", total, width)));
}

function row(name: string, { count, well, misleading, found }: AnswerFigures, width: number): string {
  return `${name.padEnd(width)}  ${String(count).padStart(5)}  ${withInterval(well).padEnd(22)}  ${shareText(misleading).padStart(10)}  ${(found ? shareText(found) : "–").padStart(5)}`;
}

function withInterval(value: Share): string {
  return `${shareText(value)} (${percent(value.low)} to ${percent(value.high)})`;
}

function shareText({ hits, count }: Share): string {
  return percent(hits / count);
}

function printComparison(comparison: AnswersComparison, terminal: Terminal): void {
  const { count, unpaired, well, misleading, changes } = comparison;
  terminal.line();
  for (const { id, question, before, after } of changes) {
    terminal.line(`${oneLine(id).padEnd(5)} ${before} → ${after}  ${oneLine(question)}`);
  }
  terminal.line(
    `well ${signed(well.meanDifference)} (p = ${well.pValue.toFixed(3)}) · misleading ${signed(misleading.meanDifference)} (p = ${misleading.pValue.toFixed(3)}), over ${counted(count, "question")} of both runs`,
  );
  if (unpaired.length > 0)
    terminal.note(`${counted(unpaired.length, "question")} of one run alone not compared.`);
}

function signed(difference: number): string {
  return `${difference > 0 ? "+" : ""}${percent(difference)}`;
}
