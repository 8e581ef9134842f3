import type { CommandDefinition } from "../command.ts";
import { spanOptions } from "../span.ts";

export const report = {
  name: "report",
  summary: "Report accuracy, objectives, cost, satisfaction and incidents of a span of time",
  options: {
    ...spanOptions,
    format: {
      type: "choice",
      choices: ["markdown", "json", "html"],
      summary: "format (default: of the ending of --output, or markdown)",
    },
    output: { type: "text", value: "file", short: "o", summary: "write the report into this file" },
    queries: {
      type: "file",
      summary: "golden queries of your records (default: those of the shipped foods)",
    },
    evaluate: {
      type: "flag",
      default: true,
      summary: "report the last run that was kept, and do not ask the golden queries now",
    },
    json: { type: "flag", summary: "print JSON, as --format json" },
  },
  examples: [
    ["ragfood report", "the last seven days as Markdown"],
    ["ragfood report --last 30d -o report.html", "one HTML file with charts, to read, print or send"],
    ["ragfood report --from 2026-11-01 --to 2026-12-01 --json", "a month, for a program"],
    ["ragfood report --no-evaluate", "without asking the golden queries"],
  ],
} as const satisfies CommandDefinition;
