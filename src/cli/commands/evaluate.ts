import { keepAccuracy } from "../../composition/accuracy.ts";
import { shippedQueries } from "../../composition/report.ts";
import { readSettings } from "../../config/settings.ts";
import {
  type EvaluationReport,
  evaluate,
  figure,
  type JudgedQuery,
  readBeirQueries,
  readGoldenQueries,
  type Searcher,
} from "../../evaluation/index.ts";
import { UsageError } from "../../foundation/errors.ts";
import type { Run } from "../command.ts";
import type { ranking } from "../definitions/evaluate.ts";
import { requireRecords } from "../evaluation-options.ts";
import { exitCodes } from "../failure.ts";
import { printable } from "../foreign-text.ts";
import { requireFill, withApplication } from "../prepare.ts";
import { withStateIfAny } from "../state.ts";
import type { Terminal } from "../terminal.ts";

export const measureRanking: Run<typeof ranking> = async (values, context) => {
  const { terminal, signal } = context;
  const { "top-k": k, gain, minimum } = values;
  if (values.judgements !== undefined && values.queries === undefined) {
    throw new UsageError("--judgements needs --queries: the texts of the queries that it judges.");
  }
  const settings = readSettings(context.environment);
  const namespace = values.namespace ?? settings.namespace;
  const queries = await readQueries(values.queries ?? shippedQueries, values.judgements);
  await requireFill(settings, namespace);
  return await withApplication(settings, context, async (application) => {
    await requireRecords(application, namespace, context);
    const { engine, store } = application;
    const searcher: Searcher = {
      name: store.name,
      query: ({ text, ...query }, options) => engine.retrieve(text, { ...query, ...options }),
    };
    const report = await evaluate(searcher, queries, {
      k,
      gain,
      namespace,
      signal,
      onProgress: (done, total) => terminal.progress("Asking", done, total),
    });
    await withStateIfAny(settings, async (state) => state && keepAccuracy(state, queries, report));
    const isBelow = minimum !== undefined && report.means.ndcg < minimum;
    if (values.json) terminal.json({ ...report, ...(minimum !== undefined && { minimum, isBelow }) });
    else printReport(report, terminal);
    if (!isBelow) return undefined;
    terminal.note(`nDCG@${k} is ${figure(report.means.ndcg)}, below the minimum of ${minimum}.`);
    return exitCodes.failed;
  });
};

function readQueries(queries: string, judgements: string | undefined): Promise<JudgedQuery[]> {
  return judgements === undefined ? readGoldenQueries(queries) : readBeirQueries(queries, judgements);
}

function printReport(report: EvaluationReport, terminal: Terminal): void {
  const { k, means, ndcgInterval: interval, queries, unjudged } = report;
  const width = Math.max(...queries.map(({ id }) => id.length), "query".length);
  terminal.line(terminal.style("dim", `${"query".padEnd(width)}  nDCG@${k}  recall  first  text`));
  for (const query of queries) {
    const first = query.reciprocalRank === 0 ? "–" : String(Math.round(1 / query.reciprocalRank));
    terminal.line(
      `${printable(query.id).padEnd(width)}  ${figure(query.ndcg).padEnd(`nDCG@${k}`.length)}  ${figure(query.recall)}  ${first.padStart(5)}  ${printable(query.text)}`,
    );
  }
  terminal.line();
  const range = interval ? ` (95 %: ${figure(interval.low)} to ${figure(interval.high)})` : "";
  terminal.line(`${terminal.style("bold", `nDCG@${k} ${figure(means.ndcg)}`)}${range}`);
  terminal.line(
    `recall@${k} ${figure(means.recall)} · precision@${k} ${figure(means.precision)} · reciprocal rank ${figure(means.reciprocalRank)}`,
  );
  const left = unjudged.length > 0 ? ` · ${unjudged.length} without a relevant record not counted` : "";
  terminal.note(terminal.style("dim", `${report.store} index · ${queries.length} queries${left}`));
}
