import type { JSX } from "preact";
import { useCallback, useLayoutEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import { Button, IconButton } from "../components/button.tsx";
import { useMedia } from "../components/use-media.ts";
import { pageAction, usePageActions } from "../shell/page-actions.ts";
import { useSearchKey } from "../shell/use-search-key.ts";
import { countOf, type IndexInfo } from "./api/records.ts";
import type { OpenedIndex } from "./api/session.ts";
import { CodeDialog } from "./query/code-dialog.tsx";
import { fieldsOf, respelled, withCondition } from "./query/conditions.ts";
import { QueryBar } from "./query/query-bar.tsx";
import { textQueryOf } from "./query/request.ts";
import type { View } from "./query/view.ts";
import { ViewOptions } from "./query/view-options.tsx";
import { RecordDrawer } from "./record/record-drawer.tsx";
import { FieldCatalog, suggestColumns } from "./records/field-catalog.ts";
import { useRows } from "./records/use-rows.ts";
import { useWholeCatalog } from "./records/whole-catalog.ts";
import { RowsView } from "./rows-view.tsx";
import { ColumnMenu } from "./table/column-menu.tsx";
import { columnsOf } from "./table/columns.ts";

interface RecordsViewProps {
  readonly index: OpenedIndex;
  readonly info: IndexInfo | undefined;
  readonly view: View;
  readonly revision: number;
  readonly onChange: (change: Partial<View>) => void;
  readonly onRefresh: () => void;
}

/** The records of a namespace: the query bar, the table, and one record beside it. */
export function RecordsView(props: RecordsViewProps): JSX.Element {
  const { index, info, view, revision, onChange, onRefresh } = props;
  const catalog = useMemo(() => new FieldCatalog(), []);
  // A column keeps its width: what is read later must not move what someone reads.
  const widths = useMemo(() => new Map<string, string>(), []);
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const [isCodeOpen, setIsCodeOpen] = useState(false);
  const [isQuerying, setIsQuerying] = useState(view.filter !== "");
  const isBeside = useMedia("(min-width: 1400px)");
  const whole = useWholeCatalog(index, view.namespace, isQuerying);
  const known = whole ?? catalog;
  const rows = useRows({ index, view, catalog, info, revision, onLearn: () => redraw(undefined) });
  const fields = catalog.fields();
  // Chosen once: more records must not change the columns that someone reads.
  const suggested = useRef<readonly string[]>([]);
  if (suggested.current.length === 0) suggested.current = suggestColumns(fields, catalog.records);
  const filtered = fieldsOf(view.filter).filter((path) => catalog.field(path) !== undefined);
  const chosen = view.columns ?? [...new Set([...suggested.current, ...filtered])];
  const columns = columnsOf(view.include.metadata ? chosen : [], catalog, widths, {
    hasScores: view.query !== "" && view.mode !== "id",
    hasTexts: view.include.text,
    hasVectors: view.include.vectors,
  });
  const close = () => onChange({ record: undefined });
  const showAll = () => onChange({ query: "", mode: "text", filter: "", row: 0 });
  // A record that lies above the rows makes way for what it asked for.
  const makeWay = isBeside ? {} : { record: undefined };
  const findSimilar = () =>
    onChange({ mode: "similar", query: view.record ?? "", sort: undefined, row: 0, ...makeWay });
  useSearchKey(focusSearch);
  usePageActions(() => [
    pageAction("Search", "search", focusSearch),
    pageAction("Filter the records", "filter", () =>
      document.querySelector<HTMLElement>(".filter-input")?.focus(),
    ),
    ...(view.query === "" && view.filter === "" ? [] : [pageAction("Show all records", "table", showAll)]),
    ...(rows.state === "ready"
      ? [pageAction("This request as code", "code", () => setIsCodeOpen(true))]
      : []),
    pageAction("Read again", "refresh", onRefresh),
    ...(view.record === undefined
      ? []
      : [
          pageAction(`Find records similar to ${view.record}`, "search", findSimilar),
          pageAction("Close the record", "close", close),
        ]),
  ]);
  const wasOpen = useRef(false);
  useLayoutEffect(() => {
    if (wasOpen.current && view.record === undefined) document.querySelector<HTMLElement>(".table")?.focus();
    wasOpen.current = view.record !== undefined;
  }, [view.record]);
  const open = useCallback((record: string) => onChange({ record }), [onChange]);
  const tools = (
    <>
      <ViewOptions view={view} onChange={onChange} />
      <ColumnMenu
        fields={fields}
        chosen={chosen}
        records={catalog.records}
        onChange={(choice) => {
          if (choice === undefined) suggested.current = [];
          onChange({ columns: choice });
        }}
      />
      <Button icon="code" disabled={rows.state !== "ready"} onClick={() => setIsCodeOpen(true)}>
        Code
      </Button>
      <IconButton icon="refresh" label="Read again" look="plain" onClick={onRefresh} />
    </>
  );
  return (
    <>
      <QueryBar
        view={view}
        catalog={known}
        textSearch={textSearchOf(info)}
        onChange={onChange}
        onUse={() => setIsQuerying(true)}
      />
      {/* Below the query bar: when a record opens, the bar keeps its width, and the rows their place. */}
      <div class="data-body">
        <section class="data-records" aria-label="Records">
          <RowsView
            rows={rows}
            columns={columns}
            view={view}
            total={info === undefined ? 0 : countOf(info, view.namespace)}
            onOpen={open}
            onRest={(row) => onChange({ row })}
            onSort={(sort) => onChange({ sort, row: 0 })}
            correction={respelled(view.filter, known)}
            onCorrect={(filter) => onChange({ filter, row: 0 })}
            onClear={showAll}
            onRefresh={onRefresh}
          >
            {tools}
          </RowsView>
        </section>
        {view.record !== undefined && (
          <RecordDrawer
            key={view.record}
            index={index}
            namespace={view.namespace}
            id={view.record}
            isBeside={isBeside}
            onFindSimilar={findSimilar}
            onFilter={(condition) =>
              onChange({ filter: withCondition(view.filter, condition), row: 0, ...makeWay })
            }
            onChange={onRefresh}
            onClose={close}
          />
        )}
      </div>
      {isCodeOpen && rows.state === "ready" && (
        <CodeDialog
          request={rows.request}
          url={index.api.address("").replace(/\/$/, "")}
          namespace={view.namespace}
          host={index.host}
          onClose={() => setIsCodeOpen(false)}
        />
      )}
    </>
  );
}

function focusSearch(): void {
  document.querySelector<HTMLElement>(".query-input")?.focus();
}

/** What a text is compared by, as the index was made. */
function textSearchOf(info: IndexInfo | undefined): string | undefined {
  if (info === undefined) return "Search";
  if (textQueryOf(info) === undefined) return undefined;
  const ways = { DENSE: "meaning", SPARSE: "words", HYBRID: "meaning or words" };
  return `Search by ${ways[info.indexType]}`;
}
