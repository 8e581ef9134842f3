import type { JSX } from "preact";
import { Button } from "../components/button.tsx";
import { Keys } from "../components/key.tsx";
import type { RowSource } from "./records/row-source.ts";
import type { Rows } from "./records/use-rows.ts";
import "./status-line.css";

interface StatusLineProps {
  readonly rows: Extract<Rows, { readonly state: "ready" }>;
  /** Records of the namespace. */
  readonly total: number;
  /** The title of the column that orders the rows, and how many rows it orders. */
  readonly sorted?: { readonly by: string; readonly count: number; readonly onUnsort: () => void };
}

/** The id of the words about keys, which describe the table. */
export const keysHint = "table-keys";

/** How many rows there are and what is being read: never more than is known. */
export function StatusLine({ rows, total, sorted }: StatusLineProps): JSX.Element {
  const { source, milliseconds } = rows;
  const { error, isLoading, scanned, passed } = source;
  const isSearching = isLoading && (scanned !== undefined || passed !== undefined || sorted !== undefined);
  const isUnfinished = !isLoading && scanned !== undefined && !source.isCountExact;
  return (
    <>
      <p class="status-words" role="status">
        {rows.request.command.startsWith("query") ? matchesOf(rows, total) : wordsOf(rows, total)}
        {milliseconds !== undefined && <span class="status-time"> · {milliseconds.toFixed(0)} ms</span>}
        {passed !== undefined && ` · going there by ids: ${number(passed)} passed`}
        {sorted && ` · ${orderOf(sorted, source)}`}
      </p>
      {error && (
        <p class="status-error" role="alert">
          {error.message}
        </p>
      )}
      {isSearching && <Button onClick={() => source.stop()}>Stop</Button>}
      {error && <Button onClick={() => source.resume()}>Try again</Button>}
      {isUnfinished && !error && <Button onClick={() => source.finish()}>Search all records</Button>}
      {sorted && !isLoading && (
        <Button look="quiet" icon="close" onClick={sorted.onUnsort}>
          Unsort
        </Button>
      )}
      <p class="status-keys" id={keysHint}>
        <Keys keys="↑ ↓" /> move <Keys keys="Enter" /> opens <Keys keys="/" /> search
      </p>
    </>
  );
}

/** A query ranks every record, and gives the best of them. */
function matchesOf({ source: { count }, request }: StatusLineProps["rows"], total: number): string {
  if (count < Number(request.body.topK)) return `${number(count)} ${count === 1 ? "match" : "matches"}`;
  const isFiltered = request.body.filter !== undefined;
  return `The best ${number(count)} of ${isFiltered ? "the records that match the filter" : `${number(total)} records`}`;
}

function wordsOf({ source }: StatusLineProps["rows"], total: number): string {
  const { count, isCountExact, isLoading, scanned } = source;
  const records = `${number(count)} ${count === 1 ? "record" : "records"}`;
  if (scanned === undefined) return isCountExact || count === total ? records : `${records} so far`;
  if (isCountExact) return `${records} of ${number(Math.max(scanned, count))} match`;
  const found = `${number(count)} found in ${number(scanned)} of ${number(Math.max(total, scanned))} records`;
  return isLoading ? `Searching: ${found}` : `${found}, the rest is not searched yet`;
}

/** An order of some of the records is not the order of all. */
function orderOf({ by, count }: NonNullable<StatusLineProps["sorted"]>, source: RowSource): string {
  if (source.isLoading) return `reading rows to sort them by ${by}`;
  const isPart = !source.isCountExact && source.count > count;
  return isPart ? `only the first ${number(count)} are sorted by ${by}` : `sorted by ${by}`;
}

function number(value: number): string {
  return value.toLocaleString("en");
}
