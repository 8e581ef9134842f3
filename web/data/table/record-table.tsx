import type { JSX } from "preact";
import { recordTitle } from "../../components/record-title.ts";
import { useMedia } from "../../components/use-media.ts";
import { Icon } from "../../icons/icon.tsx";
import type { Row, RowSource } from "../records/row-source.ts";
import { keysHint } from "../status-line.tsx";
import { visibleText } from "../visible-text.ts";
import type { Column } from "./columns.ts";
import { nextSort, type Sort } from "./sort.ts";
import { useRowWindow } from "./use-row-window.ts";
import "./record-table.css";

interface RecordTableProps {
  readonly source: RowSource;
  readonly columns: readonly Column[];
  /** The row to begin with. */
  readonly firstRow: number;
  readonly openRecord: string | undefined;
  readonly sort: Sort | undefined;
  readonly onOpen: (id: string) => void;
  readonly onSort: (sort: Sort | undefined) => void;
  /** Called when scrolling has come to rest. */
  readonly onRest: (firstRow: number) => void;
}

/** Pixels; the style sheet has the same. */
const rowHeight = 33;
const headHeight = 33;
const phoneRowHeight = 58;

/**
 * A table of any length: only rows in sight exist, and only rows near them are loaded. It is a grid of roles, since a
 * table element cannot hold a window of a million rows; the grid has the focus and points at the active row.
 */
export function RecordTable(props: RecordTableProps): JSX.Element {
  const { source, columns, firstRow, openRecord, sort, onOpen, onSort, onRest } = props;
  const isPhone = useMedia("(max-width: 700px)");
  const height = isPhone ? phoneRowHeight : rowHeight;
  const top = isPhone ? 0 : headHeight;
  const { scroller, view, active, setActive, isCut, onScroll, go } = useRowWindow({
    source,
    firstRow,
    height,
    top,
    onRest,
  });
  const last = view.last;

  const onKeyDown = (event: KeyboardEvent) => {
    // The heads of the columns are buttons with keys of their own.
    if (event.altKey || event.metaKey || event.target !== event.currentTarget) return;
    const steps: Record<string, number> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + view.size,
      PageUp: active - view.size,
      Home: 0,
      End: source.count - 1,
    };
    const target = steps[event.key];
    const row = source.row(active);
    if (target !== undefined) go(target);
    else if ((event.key === "Enter" || event.key === " ") && row) onOpen(row.id);
    else return;
    event.preventDefault();
  };

  const places = Array.from({ length: Math.max(0, last - view.first + 1) }, (_, place) => view.first + place);
  // As wide as the number of the last row. Not in `ch`: the head has smaller letters.
  const digits = Math.max(3, source.count.toLocaleString("en").length);
  const template = [`${20 + 7 * digits}px`, ...columns.map(({ width }) => width)].join(" ");
  return (
    <div
      class={`table ${isPhone ? "table-phone" : ""} ${isCut ? "table-cut" : ""}`}
      role="grid"
      tabIndex={0}
      aria-label="Records"
      aria-describedby={keysHint}
      aria-rowcount={source.isCountExact ? source.count + 1 : -1}
      aria-colcount={columns.length}
      {...(source.row(active) &&
        active >= view.first &&
        active <= last && { "aria-activedescendant": `row-${active}` })}
      ref={scroller}
      onScroll={onScroll}
      onKeyDown={onKeyDown}
      style={{ "--columns": template, "--height": `${height}px` }}
    >
      <div class="table-content" role="presentation" style={{ height: `${view.height + top}px` }}>
        <div class="table-head" role="rowgroup">
          <div class="table-row" role="row" aria-rowindex={1}>
            <div class="cell cell-place" aria-hidden="true" />
            {columns.map((column, place) => (
              <ColumnHead key={column.id} column={column} place={place} sort={sort} onSort={onSort} />
            ))}
          </div>
        </div>
        <div
          class="table-window"
          role="rowgroup"
          style={{ height: `${Math.max(0, (scroller.current?.clientHeight ?? 0) - top)}px` }}
        >
          {places.map((place) => (
            <TableRow
              key={place}
              place={place}
              offset={place * height - view.top}
              row={source.row(place)}
              columns={columns}
              isActive={place === active}
              isCard={isPhone}
              isOpen={source.row(place)?.id === openRecord}
              onOpen={(id) => {
                setActive(place);
                onOpen(id);
              }}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

interface ColumnHeadProps {
  readonly column: Column;
  readonly place: number;
  readonly sort: Sort | undefined;
  readonly onSort: (sort: Sort | undefined) => void;
}

/** A click sorts the rows by the column. */
function ColumnHead({ column: { id, title, kind }, place, sort, onSort }: ColumnHeadProps): JSX.Element {
  const own = sort?.column === id ? sort : undefined;
  return (
    <div
      class={`cell cell-${kind} cell-head`}
      role="columnheader"
      aria-colindex={place + 1}
      aria-sort={own === undefined ? "none" : own.isDescending ? "descending" : "ascending"}
    >
      <button type="button" class="cell-sort" onClick={() => onSort(nextSort(sort, id))}>
        <span class="cell-title">{title}</span>
        {own && <Icon name={own.isDescending ? "down" : "up"} size={12} />}
      </button>
    </div>
  );
}

interface TableRowProps {
  readonly place: number;
  /** Pixels from the top of the view. */
  readonly offset: number;
  readonly row: Row | undefined;
  readonly columns: readonly Column[];
  readonly isActive: boolean;
  /** On phones a row shows what the record is called, and its text. */
  readonly isCard: boolean;
  readonly isOpen: boolean;
  readonly onOpen: (id: string) => void;
}

function TableRow(props: TableRowProps): JSX.Element {
  const { place, offset, row, columns, isActive, isCard, isOpen, onOpen } = props;
  const name = isCard && row ? recordTitle(row.metadata) : undefined;
  return (
    <div
      id={`row-${place}`}
      class={`table-row ${isActive ? "table-row-active" : ""} ${isOpen ? "table-row-open" : ""}`}
      role="row"
      aria-rowindex={place + 2}
      aria-selected={isOpen}
      style={{ transform: `translateY(${offset}px)` }}
      onClick={() => row && onOpen(row.id)}
    >
      {/* Screen readers have it in the position of the row. */}
      <div class="cell cell-place" aria-hidden="true">
        {(place + 1).toLocaleString("en")}
      </div>
      {columns.map(({ id, kind, text }, column) => (
        <div key={id} class={`cell cell-${kind}`} role="gridcell" aria-colindex={column + 1}>
          {row === undefined ? (
            <span class="cell-waiting" />
          ) : (
            <>
              {id === "id" && name !== undefined && <span class="cell-name">{visibleText(name)}</span>}
              {id === "id" ? <span class="cell-own-id">{text(row)}</span> : text(row)}
            </>
          )}
        </div>
      ))}
    </div>
  );
}
