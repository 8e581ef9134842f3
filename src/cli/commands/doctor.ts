import { doctorOptions } from "../../composition/application.ts";
import { readEnvironmentFile } from "../../config/environment-file.ts";
import { settingNames } from "../../config/settings.ts";
import type { Finding, FindingLevel } from "../../foundation/finding.ts";
import { examine } from "../../operations/doctor.ts";
import type { Run } from "../command.ts";
import type { doctor } from "../definitions/doctor.ts";
import { exitCodes } from "../failure.ts";
import { oneLine } from "../foreign-text.ts";
import { settingsOf } from "../prepare.ts";
import type { Terminal } from "../terminal.ts";

export const runDoctor: Run<typeof doctor> = async (values, { environment, terminal, signal }) => {
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
  return findings.some(({ level }) => level === "problem") ? exitCodes.failed : exitCodes.done;
};

const marks: Readonly<Record<FindingLevel, readonly [color: "green" | "yellow" | "red", word: string]>> = {
  fact: ["green", "pass"],
  warning: ["yellow", "warn"],
  problem: ["red", "FAIL"],
};

function printFinding({ level, message, hint }: Finding, terminal: Terminal): void {
  const [color, word] = marks[level];
  terminal.line(`${terminal.style(color, word)}  ${oneLine(message)}`);
  if (hint !== undefined) terminal.line(`      ${oneLine(hint)}`);
}
