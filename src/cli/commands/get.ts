import { escapeJson } from "../../foundation/invisible-text.ts";
import type { StoreRecord } from "../../store/document.ts";
import type { Run } from "../command.ts";
import type { get } from "../definitions/records.ts";
import { exitCodes } from "../failure.ts";
import { nameText, oneLine } from "../foreign-text.ts";
import { formatJson } from "../json-output.ts";
import { requireIndex, settingsOf, withApplication } from "../prepare.ts";
import type { Terminal } from "../terminal.ts";
import { wrap } from "../wrap.ts";

export const runGet: Run<typeof get> = async (values, context) => {
  const { terminal, signal } = context;
  const settings = settingsOf(values, context.environment);
  requireIndex(settings);
  return await withApplication(settings, context, async ({ store }) => {
    const found = await store.fetch(values.id, {
      namespace: values.namespace ?? settings.namespace,
      includeVectors: values.vectors,
      signal,
      onFallback: ({ reason }) => terminal.note(reason),
    });
    const records = found.filter((record) => record !== undefined);
    const missing = values.id.filter((_, place) => found[place] === undefined);
    if (values.json) terminal.json({ records, missing });
    else for (const record of records) printRecord(record, terminal);
    for (const id of values.json ? [] : missing) terminal.note(`No record has the id ${nameText(id)}.`);
    return missing.length > 0 ? exitCodes.failed : exitCodes.done;
  });
};

function printRecord({ id, text = "", metadata = {} }: StoreRecord, terminal: Terminal): void {
  terminal.line(terminal.style("cyan", nameText(id)));
  for (const line of wrap(oneLine(text), terminal.width, 4)) terminal.line(line);
  for (const [name, value] of Object.entries(metadata)) {
    const shown = typeof value === "string" ? oneLine(value) : escapeJson(formatJson(value));
    terminal.line(`    ${terminal.style("dim", `${nameText(name)}:`)} ${shown}`);
  }
}
