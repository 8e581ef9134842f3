import { DataError } from "../../foundation/errors.ts";
import { counted } from "../../foundation/plural.ts";
import { type SecretFinding, type SecretScan, scanSecrets } from "../../security/scan/scan.ts";
import type { Run } from "../command.ts";
import type { scan } from "../definitions/secrets.ts";
import { exitCodes } from "../failure.ts";
import { oneLine } from "../foreign-text.ts";
import type { Terminal } from "../terminal.ts";

export const runScan: Run<typeof scan> = async (values, { terminal, signal }) => {
  const { path = "." } = values;
  const scan = await scanSecrets({ path, history: values.history, signal });
  if (scan.files + scan.objects === 0) {
    throw new DataError(path, `${path} has no file that could be scanned, so nothing is known of it.`, {
      hint: "Name a directory with files, or a file. What git ignores is left out.",
    });
  }
  if (values.json) terminal.json(scan);
  else print(scan, terminal);
  return scan.findings.length > 0 ? exitCodes.failed : exitCodes.done;
};

function print({ findings, notices, files, objects }: SecretScan, terminal: Terminal): void {
  for (const finding of findings) terminal.line(describe(finding));
  for (const notice of notices) terminal.note(oneLine(notice));
  const places = `${counted(files, "file")}, ${counted(objects, "object")} of the history`;
  terminal.note(`${findings.length === 0 ? "No secrets" : counted(findings.length, "secret")} in ${places}.`);
  if (findings.length > 0) {
    terminal.note(
      "Revoke each secret, then remove it; one that was pushed stays known. List false findings in .secretsignore (docs/security.md).",
    );
  }
}

function describe({ file, line, rule, excerpt, length, fingerprint, commit }: SecretFinding): string {
  const place = commit === undefined ? "" : `, commit ${commit.slice(0, 12)}`;
  return `${oneLine(file)}:${line}  ${rule} ${oneLine(excerpt)}… (${length} characters)${place}  ${fingerprint}`;
}
