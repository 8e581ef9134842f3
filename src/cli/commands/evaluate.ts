import { fileURLToPath } from "node:url";
import { readSettings } from "../../config/settings.ts";
import {
  type EvaluationReport,
  evaluate,
  figure,
  type JudgedQuery,
  readBeirQueries,
  readGoldenQueries,
} from "../../evaluation/index.ts";
import { NotFoundError, UsageError } from "../../foundation/errors.ts";
import { share, wholeNumber } from "../arguments.ts";
import { type Command, defineCommand } from "../command.ts";
import { exitCodes } from "../failure.ts";
import { makeReady, withApplication } from "../prepare.ts";
import { printable } from "../render.ts";
import type { Terminal } from "../terminal.ts";

/** The golden queries that come with the package, on the foods that do. */
const shippedQueries = fileURLToPath(new URL("../../../data/golden-queries.json", import.meta.url));

const args = {
  queries: {
    type: "string",
    description:
      "golden queries; with --judgements, BEIR's queries.jsonl (default: those of the shipped foods)",
    valueHint: "file",
  },
  judgements: {
    type: "string",
    description: "graded judgements (qrels): query, record, grade on each line",
    valueHint: "file",
  },
  "top-k": { type: "string", alias: "k", description: "depth of all figures (default: 10)", valueHint: "n" },
  gain: {
    type: "string",
    description: "worth of a grade: linear, as BEIR has it, or exponential (default: linear)",
    valueHint: "name",
  },
  namespace: {
    type: "string",
    description: "the namespace to search (default: NAMESPACE)",
    valueHint: "name",
  },
  minimum: {
    type: "string",
    description: "exit with code 1 where the mean nDCG is below",
    valueHint: "0 to 1",
  },
  json: { type: "boolean", description: "print JSON" },
} as const;

export const evaluateCommand: Command = defineCommand({
  name: "evaluate",
  description: "Measures how good the search results are, against golden queries or judgements",
  args,
  examples: [
    ["ragfood evaluate", "nDCG@10, recall and a line a query, for the shipped golden queries"],
    ["ragfood evaluate --minimum 0.7", "for CI: exit code 1 where the results have become worse"],
    ["ragfood evaluate --queries queries.jsonl --judgements qrels.tsv --json", "a collection in BEIR's form"],
  ],
  async run(values, context) {
    const { terminal, signal } = context;
    const k = values["top-k"] === undefined ? 10 : wholeNumber("top-k", values["top-k"], 1, 1_000);
    const gain = gainOf(values.gain);
    const minimum = values.minimum === undefined ? undefined : share("minimum", values.minimum);
    if (values.judgements !== undefined && values.queries === undefined) {
      throw new UsageError("--judgements needs --queries: the texts of the queries that it judges.");
    }
    const settings = readSettings(context.environment);
    const namespace = values.namespace ?? settings.namespace;
    const queries = await readQueries(values.queries ?? shippedQueries, values.judgements);
    return await withApplication(settings, context, async (application) => {
      if (!(await makeReady(application, namespace, context))) {
        const isDefault = namespace === settings.namespace;
        throw new NotFoundError(
          application.store.name,
          `The ${namespace === "" ? "default namespace" : `namespace "${namespace}"`} of the index holds no records to measure.`,
          { hint: `Fill it with: ragfood ingest${isDefault ? "" : ` --namespace ${namespace}`}` },
        );
      }
      const report = await evaluate(application.store, queries, {
        k,
        gain,
        namespace,
        signal,
        onProgress: (done, total) => terminal.progress("Asking", done, total),
      });
      const isBelow = minimum !== undefined && report.means.ndcg < minimum;
      if (values.json) terminal.json({ ...report, ...(minimum !== undefined && { minimum, isBelow }) });
      else printReport(report, terminal);
      if (!isBelow) return undefined;
      terminal.note(`nDCG@${k} is ${figure(report.means.ndcg)}, below the minimum of ${minimum}.`);
      return exitCodes.failed;
    });
  },
});

function readQueries(queries: string, judgements: string | undefined): Promise<JudgedQuery[]> {
  return judgements === undefined ? readGoldenQueries(queries) : readBeirQueries(queries, judgements);
}

function gainOf(text = "linear"): "linear" | "exponential" {
  if (text === "linear" || text === "exponential") return text;
  throw new UsageError(`--gain has to be linear or exponential; it is "${text}".`);
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
