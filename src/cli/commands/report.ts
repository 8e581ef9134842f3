import { extname, resolve } from "node:path";
import { createApplication } from "../../composition/application.ts";
import { createReport, shippedQueries } from "../../composition/report.ts";
import { readSettings } from "../../config/settings.ts";
import { readGoldenQueries } from "../../evaluation/index.ts";
import { replaceFile } from "../../foundation/durable-file.ts";
import { UsageError } from "../../foundation/errors.ts";
import { reportHtml } from "../../operations/report/html/report-html.ts";
import type { Report } from "../../operations/report/report.ts";
import { reportMarkdown } from "../../operations/report/report-markdown.ts";
import { redactor } from "../../security/redactor.ts";
import type { Run, ValuesOf } from "../command.ts";
import type { report } from "../definitions/report.ts";
import { formatJson } from "../json-output.ts";
import { observersFor } from "../observers.ts";
import { spanOf } from "../span.ts";
import { withState } from "../state.ts";

export const runReport: Run<typeof report> = async (values, context) => {
  const { terminal, environment, signal, version } = context;
  const settings = readSettings(environment);
  const span = spanOf(values);
  const format = formatOf(values);
  const accuracy = values.evaluate && {
    open: () => createApplication(settings, observersFor(context)),
    queries: await readGoldenQueries(values.queries ?? shippedQueries),
    areShipped: values.queries === undefined,
  };
  const recorded = await withState(settings, (state) =>
    createReport({
      settings,
      state,
      span,
      version,
      ...(accuracy && { accuracy }),
      onProgress: (done, total) => terminal.progress("Asking golden queries", done, total),
      signal,
    }),
  );
  // Questions and comments are what users wrote.
  const made = redactor.value(recorded) as Report;
  if (values.output !== undefined) {
    const file = resolve(values.output);
    replaceFile(file, textOf(made, format));
    terminal.note(`The report is in ${file}`);
  } else if (format === "json") terminal.json(made);
  else terminal.block(textOf(made, format));
  return undefined;
};

type Format = "markdown" | "json" | "html";

const endings: Readonly<Record<string, Format>> = {
  ".md": "markdown",
  ".json": "json",
  ".html": "html",
  ".htm": "html",
};

/** @throws {UsageError} if the format is neither given nor known from the ending of the file */
function formatOf({ format, json, output }: ValuesOf<typeof report>): Format {
  if (json) return "json";
  if (format !== undefined) return format;
  if (output === undefined) return "markdown";
  const known = endings[extname(output).toLowerCase()];
  if (known !== undefined) return known;
  throw new UsageError(`The format of ${output} is not known from its ending.`, {
    hint: "Use .md, .json or .html, or name it: --format html",
  });
}

function textOf(made: Report, format: Format): string {
  if (format === "html") return reportHtml(made);
  return format === "json" ? `${formatJson(made, { indent: "  " })}\n` : reportMarkdown(made);
}
