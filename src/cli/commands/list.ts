import { namespaceName } from "../../foundation/namespace-name.ts";
import type { StoreRecord } from "../../store/document.ts";
import { filterPredicate, parseFilter } from "../../store/filter.ts";
import type { Run, ValuesOf } from "../command.ts";
import type { list } from "../definitions/records.ts";
import { nameText, oneLine } from "../foreign-text.ts";
import { requireIndex, settingsOf, withApplication } from "../prepare.ts";
import type { Terminal } from "../terminal.ts";
import { columnsOf } from "../wrap.ts";

/** The most records in one page of a range. */
const maximumPage = 1_000;

export const runList: Run<typeof list> = async (values, context) => {
  const { terminal, signal } = context;
  const { limit, prefix } = values;
  const filter = values.filter === undefined ? undefined : parseFilter(values.filter);
  const isMeant = filter ? filterPredicate(filter) : () => true;
  const settings = settingsOf(values, context.environment);
  const namespace = values.namespace ?? settings.namespace;
  requireIndex(settings);
  return await withApplication(settings, context, async ({ store }) => {
    // One more than is shown, to know whether there are more.
    const pageSize = filter ? maximumPage : Math.min(limit + 1, maximumPage);
    const pages = store.range({ namespace, pageSize, signal, ...(prefix !== undefined && { prefix }) });
    let count = 0;
    for await (const page of pages) {
      for (const record of page) {
        if (!isMeant(record.metadata)) continue;
        count++;
        if (count > limit) {
          terminal.note(`There are more than ${limit.toLocaleString("en")} records; --limit lists more.`);
          return undefined;
        }
        if (values.json) terminal.jsonLine(record);
        else printRecord(record, terminal);
      }
    }
    if (count === 0) terminal.note(`There are no records in ${place(namespace, values)}.`);
    return undefined;
  });
};

function place(
  namespace: string,
  { prefix, filter }: Pick<ValuesOf<typeof list>, "prefix" | "filter">,
): string {
  const below = prefix === undefined ? "" : ` below the prefix ${nameText(prefix)}`;
  return `${namespaceName(namespace)}${below}${filter === undefined ? "" : ` for which ${oneLine(filter)} is true`}`;
}

/** A record on one line: its text is cut at the line width. */
function printRecord({ id, text = "" }: StoreRecord, terminal: Terminal): void {
  const name = nameText(id);
  const room = terminal.width - columnsOf(name) - 2;
  const [start = "", ...rest] = oneLine(text).trim().split(" ");
  let line = start;
  for (const word of rest) {
    if (columnsOf(line) + 1 + columnsOf(word) + 2 > room) {
      line += " …";
      break;
    }
    line += ` ${word}`;
  }
  terminal.line(`${terminal.style("cyan", name)}  ${line}`);
}
