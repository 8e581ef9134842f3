import { UsageError } from "../../foundation/errors.ts";
import { counted } from "../../foundation/plural.ts";
import { type SecretFinding, type SecretScan, scanSecrets } from "../../security/scan/scan.ts";
import { type Command, defineCommand } from "../command.ts";
import { exitCodes } from "../failure.ts";
import { oneLine } from "../render.ts";
import type { Terminal } from "../terminal.ts";

const args = {
  action: { type: "positional", required: false, description: "scan" },
  path: { type: "positional", required: false, description: "a directory or a file (default: here)" },
  history: { type: "boolean", default: true, description: "scan the git history too (--no-history: do not)" },
  json: { type: "boolean", description: "print JSON" },
} as const;

export const secrets: Command = defineCommand({
  name: "secrets",
  description: "Looks for tokens and keys in files and in the git history; exit code 1 where there are any",
  args,
  examples: [
    ["ragfood secrets scan", "the repository of this directory, with all of its history"],
    ["ragfood secrets scan src --no-history --json", "the files of one directory, for a program"],
  ],
  async run(values, { terminal, signal }) {
    if (values.action !== "scan" || values._.length > 2) {
      throw new UsageError("Say what to do: ragfood secrets scan [path].");
    }
    const scan = await scanSecrets({ path: values.path ?? ".", history: values.history, signal });
    if (values.json) terminal.json(scan);
    else print(scan, terminal);
    return scan.findings.length > 0 ? exitCodes.failed : exitCodes.done;
  },
});

function print({ findings, notices, files, objects }: SecretScan, terminal: Terminal): void {
  for (const finding of findings) terminal.line(describe(finding));
  for (const notice of notices) terminal.note(oneLine(notice));
  const places = `${counted(files, "file")}, ${counted(objects, "object")} of the history`;
  terminal.note(`${findings.length === 0 ? "No secrets" : counted(findings.length, "secret")} in ${places}.`);
  if (findings.length > 0) {
    terminal.note(
      "Revoke each, then take it out; what was pushed stays known. What is none goes into .secretsignore (docs/security.md).",
    );
  }
}

function describe({ file, line, rule, excerpt, length, fingerprint, commit }: SecretFinding): string {
  const place = commit === undefined ? "" : `, commit ${commit.slice(0, 12)}`;
  return `${oneLine(file)}:${line}  ${rule} ${oneLine(excerpt)}… (${length} characters)${place}  ${fingerprint}`;
}
