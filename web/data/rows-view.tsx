import type { ComponentChildren, JSX } from "preact";
import { useEffect, useMemo, useReducer } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { Skeleton } from "../components/skeleton.tsx";
import { State } from "../components/state.tsx";
import type { View } from "./query/view.ts";
import type { RowSource } from "./records/row-source.ts";
import { SortedSource } from "./records/sorted-source.ts";
import type { Rows } from "./records/use-rows.ts";
import { StatusLine } from "./status-line.tsx";
import type { Column } from "./table/columns.ts";
import { RecordTable } from "./table/record-table.tsx";
import { comparison, type Sort } from "./table/sort.ts";

interface RowsViewProps {
  readonly rows: Rows;
  readonly columns: readonly Column[];
  readonly view: View;
  /** Records of the namespace. */
  readonly total: number;
  readonly onOpen: (id: string) => void;
  readonly onRest: (row: number) => void;
  readonly onSort: (sort: Sort | undefined) => void;
  /** The filter with values as records spell them; `undefined` if it is spelled so. */
  readonly correction: string | undefined;
  readonly onCorrect: (filter: string) => void;
  readonly onClear: () => void;
  readonly onRefresh: () => void;
  /** Buttons beside the number of rows: what to show, columns, code. */
  readonly children: ComponentChildren;
}

/** The rows of a view: on their way, failed, none, or as a table. */
export function RowsView(props: RowsViewProps): JSX.Element {
  const { rows, columns, view, total, onSort, children } = props;
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const sortColumn = columns.find(({ id }) => id === view.sort?.column);
  const source = useSorted(rows.state === "ready" ? rows.source : undefined, sortColumn, view.sort);
  useEffect(() => source?.subscribe(() => redraw(undefined)), [source]);
  const isOld = rows.state === "ready" && (rows.isOld ?? false);
  return (
    <div class={`data-rows ${isOld ? "data-rows-old" : ""}`} aria-busy={isOld}>
      <div class="status">
        {rows.state === "ready" && source !== undefined && (
          <StatusLine
            rows={rows}
            total={total}
            {...(sortColumn && {
              sorted: { by: sortColumn.title, count: source.count, onUnsort: () => onSort(undefined) },
            })}
          />
        )}
        <div class="status-tools">{children}</div>
      </div>
      <TableOrState {...props} source={source} sortColumn={sortColumn} />
    </div>
  );
}

interface TableOrStateProps extends RowsViewProps {
  /** In the order of the column, if there is one. */
  readonly source: RowSource | undefined;
  readonly sortColumn: Column | undefined;
}

function TableOrState({ source, sortColumn, ...props }: TableOrStateProps): JSX.Element {
  const { rows, columns, view, onOpen, onRest, onSort, onRefresh } = props;
  if (rows.state === "waiting") {
    return (
      <div class="data-waiting">
        <Skeleton lines={12} label="Reading records" />
      </div>
    );
  }
  const error = rows.state === "failed" ? rows.error : source?.error;
  if (rows.state === "failed" || source === undefined || (error !== undefined && source.count === 0)) {
    return (
      <State
        icon="bad"
        tone="bad"
        isAlert
        title="This cannot be read"
        actions={<Button onClick={onRefresh}>Try again</Button>}
      >
        {error?.message}
      </State>
    );
  }
  if (rows.source.count === 0 && rows.source.isCountExact) return <NoRows {...props} />;
  return (
    <RecordTable
      source={source}
      columns={columns}
      firstRow={view.row}
      openRecord={view.record}
      sort={sortColumn && view.sort}
      onOpen={onOpen}
      onRest={onRest}
      onSort={onSort}
    />
  );
}

/** The rows in the order of a column; `column` is `undefined` without one. */
function useSorted(
  source: RowSource | undefined,
  column: Column | undefined,
  sort: Sort | undefined,
): RowSource | undefined {
  const sorted = useMemo(
    () => (source && column && sort ? new SortedSource(source, comparison(column, sort)) : undefined),
    [source, column?.id, sort?.isDescending],
  );
  useEffect(() => () => sorted?.close(), [sorted]);
  return sorted ?? source;
}

function NoRows({ view, correction, onCorrect, onClear }: RowsViewProps): JSX.Element {
  if (view.query === "" && view.filter === "") {
    return (
      <State icon="archive" title="This namespace is empty">
        Records appear here when a client upserts them.
      </State>
    );
  }
  return (
    <State
      icon="search"
      title="No record matches"
      actions={
        <>
          {correction !== undefined && (
            <Button look="primary" onClick={() => onCorrect(correction)}>
              Use {correction}
            </Button>
          )}
          <Button onClick={onClear}>Show all records</Button>
        </>
      }
    >
      {view.filter === ""
        ? view.mode === "id"
          ? "Ids must match exactly. food-* finds those that begin with food-."
          : "Try other words, or look whether the records have texts."
        : correction === undefined
          ? "Look at the filter: names of fields and values must match exactly, and a missing field matches nothing."
          : "Fields and values must match exactly, in upper and lower case too."}
    </State>
  );
}
