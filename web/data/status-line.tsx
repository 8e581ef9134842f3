import type { JSX } from "preact";
import { Button } from "../components/button.tsx";
import type { Rows } from "./records/use-rows.ts";
import "./status-line.css";

interface StatusLineProps {
  readonly rows: Extract<Rows, { readonly state: "ready" }>;
  /** Records of the namespace. */
  readonly total: number;
}

/** How many rows there are and what is being read: never more than is known. */
export function StatusLine({ rows, total }: StatusLineProps): JSX.Element {
  const { source, milliseconds } = rows;
  const { error, isLoading, scanned, passed } = source;
  const isSearching = isLoading && (scanned !== undefined || passed !== undefined);
  const isUnfinished = !isLoading && scanned !== undefined && !source.isCountExact;
  return (
    <div class="status">
      <p class="status-words" role="status">
        {rows.request.command.startsWith("query") ? matchesOf(rows, total) : wordsOf(rows, total)}
        {milliseconds !== undefined && <span class="status-time"> · {milliseconds.toFixed(0)} ms</span>}
        {passed !== undefined && ` · going there by ids: ${number(passed)} passed`}
      </p>
      {error && (
        <p class="status-error" role="alert">
          {error.message}
        </p>
      )}
      {isSearching && <Button onClick={() => source.stop()}>Stop</Button>}
      {error && <Button onClick={() => source.resume()}>Try again</Button>}
      {isUnfinished && !error && <Button onClick={() => source.finish()}>Search all records</Button>}
    </div>
  );
}

/** A query ranks every record, and gives the best of them. */
function matchesOf({ source: { count }, request }: StatusLineProps["rows"], total: number): string {
  if (count < Number(request.body.topK)) return `${number(count)} ${count === 1 ? "match" : "matches"}`;
  return `The best ${number(count)} of ${number(total)} records`;
}

function wordsOf({ source }: StatusLineProps["rows"], total: number): string {
  const { count, isCountExact, scanned } = source;
  const records = `${number(count)} ${count === 1 ? "record" : "records"}`;
  if (scanned === undefined) return isCountExact || count === total ? records : `${records} so far`;
  if (isCountExact) return `${records} of ${number(Math.max(scanned, count))} match`;
  return `${number(count)} found in ${number(scanned)} of ${number(Math.max(total, scanned))} records`;
}

function number(value: number): string {
  return value.toLocaleString("en");
}
