import { doctorOptions } from "../../composition/application.ts";
import { readEnvironmentFile } from "../../config/environment-file.ts";
import { settingNames } from "../../config/settings.ts";
import { examine } from "../../operations/doctor.ts";
import type { Finding } from "../../operations/finding.ts";
import { type Command, defineCommand } from "../command.ts";
import { exitCodes } from "../failure.ts";
import { oneLine } from "../render.ts";
import { settingsOf, storeArgument } from "../store-option.ts";
import type { Terminal } from "../terminal.ts";

const args = { ...storeArgument, json: { type: "boolean", description: "print JSON" } } as const;

export const doctor: Command = defineCommand({
  name: "doctor",
  description: "Checks settings, data, index, tokens, Ollama and Chroma; changes nothing",
  args,
  examples: [
    [
      "ragfood doctor",
      "a line each, with what to do where something is missing; exit code 1 if anything fails",
    ],
    ["ragfood doctor --json", "the same for a program"],
  ],
  async run(values, { environment, terminal, signal }) {
    const settings = settingsOf(values, environment);
    const found = readEnvironmentFile();
    const options = {
      ...doctorOptions(settings),
      ...(found && { settingsFile: { ...found, known: settingNames } }),
      signal,
    };
    const findings: Finding[] = [];
    for await (const finding of examine(options)) {
      findings.push(finding);
      if (!values.json) printFinding(finding, terminal);
    }
    if (values.json) terminal.json({ findings });
    return findings.some(({ status }) => status === "fail") ? exitCodes.failed : exitCodes.done;
  },
});

const marks = { pass: ["green", "pass"], warn: ["yellow", "warn"], fail: ["red", "FAIL"] } as const;

function printFinding({ subject, status, detail, hint }: Finding, terminal: Terminal): void {
  const [color, word] = marks[status];
  terminal.line(`${terminal.style(color, word)}  ${subject}: ${oneLine(detail)}`);
  if (hint !== undefined) terminal.line(`      ${oneLine(hint)}`);
}
