import type { JSX } from "preact";
import { useCallback, useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import { Button, IconButton } from "../components/button.tsx";
import { Dialog } from "../components/dialog.tsx";
import { Skeleton } from "../components/skeleton.tsx";
import { State } from "../components/state.tsx";
import { pageAction, usePageActions } from "../shell/page-actions.ts";
import { countOf, type IndexInfo } from "./api/records.ts";
import type { OpenedIndex, Session } from "./api/session.ts";
import { CopyButton } from "./copy-button.tsx";
import { Faults } from "./emulator/faults.tsx";
import { RequestLog } from "./emulator/request-log.tsx";
import { NamespaceChoice, Namespaces } from "./namespaces.tsx";
import { CodeDialog } from "./query/code-dialog.tsx";
import { fieldsOf, respelled, withCondition } from "./query/conditions.ts";
import { QueryBar } from "./query/query-bar.tsx";
import { textQueryOf } from "./query/request.ts";
import type { View } from "./query/view.ts";
import { RecordDetails } from "./record/record-details.tsx";
import { FieldCatalog, suggestColumns } from "./records/field-catalog.ts";
import { type Rows, useRows } from "./records/use-rows.ts";
import { useWholeCatalog } from "./records/whole-catalog.ts";
import { StatusLine } from "./status-line.tsx";
import { ColumnMenu } from "./table/column-menu.tsx";
import { columnsOf } from "./table/columns.ts";
import { RecordTable } from "./table/record-table.tsx";
import { useMedia } from "./use-media.ts";
import "./browser.css";

interface BrowserProps {
  readonly session: Session;
  readonly view: View;
  readonly onChange: (change: Partial<View>) => void;
  readonly onAddToken: () => void;
  readonly onForget: () => void;
}

/** Wide enough for the drawer beside the table. Otherwise it lies above. */
const wide = "(min-width: 1400px)";
const hasSideColumn = "(min-width: 900px)";

/** The data of the open indexes: namespaces, records, one record. */
export function Browser({ session, view: asked, onChange, onAddToken, onForget }: BrowserProps): JSX.Element {
  const index =
    session.indexes.find(({ name }) => name === asked.index) ?? (session.indexes[0] as OpenedIndex);
  const [refreshes, refresh] = useReducer((count: number) => count + 1, 0);
  const { info, failure, revision } = useInfo(index, refreshes);
  const view = { ...asked, namespace: visibleNamespace(asked.namespace, info) };
  const isWide = useMedia(wide);
  const isSided = useMedia(hasSideColumn);
  const choice = {
    indexes: session.indexes,
    index,
    info,
    namespace: view.namespace,
    isOfIndex: view.tab === "emulator",
    onIndex: (name: string) => onChange({ ...elsewhere, index: name, namespace: "" }),
    onNamespace: (namespace: string) => onChange({ ...elsewhere, namespace }),
    ...(session.host === "emulator" && { onAddToken }),
    onForget,
  };
  usePageActions(() => [
    ...(session.host === "emulator" ? [pageAction("Add a token", "key", onAddToken)] : []),
    ...(session.host === "emulator" && view.tab === "records"
      ? [pageAction("Requests and faults", "gauge", () => onChange({ tab: "emulator" }))]
      : []),
    ...(view.tab === "emulator" ? [pageAction("Records", "table", () => onChange({ tab: "records" }))] : []),
    ...Object.keys(info?.namespaces ?? {})
      .filter((name) => name !== view.namespace)
      .map((name) =>
        pageAction(`Namespace: ${name || "default"}`, "archive", () => choice.onNamespace(name)),
      ),
  ]);
  return (
    <div class={`data ${isSided ? "data-sided" : ""}`}>
      {isSided && <Namespaces {...choice} />}
      <div class="data-main">
        <header class="data-head">
          <h1 class="data-title">
            {view.tab === "emulator" ? "Emulator" : view.namespace === "" ? "Records" : view.namespace}
          </h1>
          {!isSided && <NamespaceChoice {...choice} />}
          {session.host === "emulator" && (
            <nav class="data-tabs" aria-label="Views">
              {(["records", "emulator"] as const).map((tab) => (
                <Button
                  key={tab}
                  look="quiet"
                  icon={tab === "records" ? "table" : "gauge"}
                  aria-pressed={view.tab === tab}
                  onClick={() => onChange({ tab })}
                >
                  {tab === "records" ? "Records" : "Requests and faults"}
                </Button>
              ))}
            </nav>
          )}
        </header>
        {view.tab === "emulator" && session.host === "emulator" ? (
          <div class="data-emulator">
            <RequestLog token={index.token} />
            <Faults index={index} />
          </div>
        ) : failure !== undefined && info === undefined ? (
          <State
            icon="bad"
            tone="bad"
            isAlert
            title="The index cannot be read"
            actions={<Button onClick={() => refresh(undefined)}>Try again</Button>}
          >
            {failure.message}
          </State>
        ) : (
          <Records
            // Another index or namespace has other fields.
            key={`${index.name}\n${view.namespace}`}
            index={index}
            info={info}
            view={view}
            revision={revision}
            isWide={isWide}
            onChange={onChange}
            onRefresh={() => refresh(undefined)}
          />
        )}
      </div>
    </div>
  );
}

/** A key that is bound to namespaces does not see the default one. */
function visibleNamespace(asked: string, info: IndexInfo | undefined): string {
  if (asked !== "" || info === undefined || Object.hasOwn(info.namespaces, "")) return asked;
  return Object.keys(info.namespaces)[0] ?? asked;
}

/** What a change of place leaves behind. */
const elsewhere: Partial<View> = {
  query: "",
  mode: "text",
  filter: "",
  columns: undefined,
  record: undefined,
  row: 0,
};

interface RecordsProps {
  readonly index: OpenedIndex;
  readonly info: IndexInfo | undefined;
  readonly view: View;
  readonly revision: number;
  readonly isWide: boolean;
  readonly onChange: (change: Partial<View>) => void;
  readonly onRefresh: () => void;
}

function Records({ index, info, view, revision, isWide, onChange, onRefresh }: RecordsProps): JSX.Element {
  const catalog = useMemo(() => new FieldCatalog(), []);
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const [isCodeOpen, setIsCodeOpen] = useState(false);
  const [isQuerying, setIsQuerying] = useState(view.filter !== "");
  const whole = useWholeCatalog(index, view.namespace, isQuerying);
  const known = whole ?? catalog;
  const rows = useRows({ index, view, catalog, info, revision, onLearn: () => redraw(undefined) });
  const fields = catalog.fields();
  const suggested = suggestColumns(fields, catalog.records);
  const filtered = fieldsOf(view.filter).filter((path) => catalog.field(path) !== undefined);
  const chosen = view.columns ?? [...new Set([...suggested, ...filtered])];
  const columns = columnsOf(view.include.metadata ? chosen : [], catalog, {
    hasScores: view.query !== "" && view.mode !== "id",
    hasTexts: view.include.text,
    hasVectors: view.include.vectors,
  });
  const close = () => onChange({ record: undefined });
  const showAll = () => onChange({ query: "", mode: "text", filter: "", row: 0 });
  const findSimilar = () => onChange({ mode: "similar", query: view.record ?? "", row: 0 });
  usePageActions(() => [
    pageAction("Search", "search", () => document.querySelector<HTMLElement>(".query-input")?.focus()),
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
  const drawer = view.record !== undefined && (
    <RecordDetails
      key={view.record}
      index={index}
      namespace={view.namespace}
      id={view.record}
      onFindSimilar={findSimilar}
      onFilter={(condition) => onChange({ filter: withCondition(view.filter, condition), row: 0 })}
      onChange={onRefresh}
      onClose={close}
    />
  );
  return (
    <div class="data-body">
      <section class="data-records" aria-label="Records">
        <QueryBar
          view={view}
          catalog={known}
          hasModel={info === undefined || textQueryOf(info) !== undefined}
          onChange={onChange}
          onRefresh={onRefresh}
          onUse={() => setIsQuerying(true)}
        >
          <ColumnMenu
            fields={fields}
            chosen={chosen}
            records={catalog.records}
            onChange={(columns) => onChange({ columns })}
          />
          <Button icon="code" disabled={rows.state !== "ready"} onClick={() => setIsCodeOpen(true)}>
            Code
          </Button>
        </QueryBar>
        <RowsView
          rows={rows}
          columns={columns}
          view={view}
          total={info === undefined ? 0 : countOf(info, view.namespace)}
          onOpen={open}
          onRest={(row) => onChange({ row })}
          correction={respelled(view.filter, known)}
          onCorrect={(filter) => onChange({ filter, row: 0 })}
          onClear={showAll}
          onRefresh={onRefresh}
        />
      </section>
      {drawer &&
        (isWide ? (
          <aside
            class="drawer"
            aria-label="Record"
            onKeyDown={(event) => {
              if (event.key === "Escape") close();
            }}
          >
            <DrawerHead id={view.record ?? ""} onClose={close} />
            <div class="drawer-body">{drawer}</div>
          </aside>
        ) : (
          <Dialog title={view.record ?? ""} place="drawer" onClose={close}>
            {drawer}
          </Dialog>
        ))}
      {isCodeOpen && rows.state === "ready" && (
        <CodeDialog
          request={rows.request}
          url={index.api.address("").replace(/\/$/, "")}
          namespace={view.namespace}
          host={index.host}
          onClose={() => setIsCodeOpen(false)}
        />
      )}
    </div>
  );
}

function DrawerHead({ id, onClose }: { readonly id: string; readonly onClose: () => void }): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => heading.current?.focus({ preventScroll: true }), [id]);
  return (
    <header class="drawer-head">
      <h2 class="drawer-title" tabIndex={-1} ref={heading}>
        {id}
      </h2>
      <CopyButton text={id} label="Copy the id" />
      <IconButton icon="close" label="Close the record" onClick={onClose} />
    </header>
  );
}

interface RowsViewProps {
  readonly rows: Rows;
  readonly columns: ReturnType<typeof columnsOf>;
  readonly view: View;
  readonly total: number;
  readonly onOpen: (id: string) => void;
  readonly onRest: (row: number) => void;
  /** The filter with values as records spell them; `undefined` if it is spelled so. */
  readonly correction: string | undefined;
  readonly onCorrect: (filter: string) => void;
  readonly onClear: () => void;
  readonly onRefresh: () => void;
}

function RowsView({
  rows,
  columns,
  view,
  total,
  onOpen,
  onRest,
  correction,
  onCorrect,
  onClear,
  onRefresh,
}: RowsViewProps): JSX.Element {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const source = rows.state === "ready" ? rows.source : undefined;
  useEffect(() => source?.subscribe(() => redraw(undefined)), [source]);
  if (rows.state === "waiting") {
    return (
      <div class="data-waiting">
        <Skeleton lines={12} label="Reading records" />
      </div>
    );
  }
  const error = rows.state === "failed" ? rows.error : rows.source.error;
  if (rows.state === "failed" || (error !== undefined && rows.source.count === 0)) {
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
  const isEmpty = rows.source.count === 0 && rows.source.isCountExact;
  const isAsked = view.query !== "" || view.filter !== "";
  return (
    <div class={`data-rows ${rows.isOld ? "data-rows-old" : ""}`} aria-busy={rows.isOld ?? false}>
      <StatusLine rows={rows} total={total} />
      {isEmpty ? (
        <State
          icon="search"
          title={isAsked ? "No record matches" : "This namespace is empty"}
          actions={
            isAsked && (
              <>
                {correction !== undefined && (
                  <Button look="primary" onClick={() => onCorrect(correction)}>
                    Use {correction}
                  </Button>
                )}
                <Button onClick={onClear}>Show all records</Button>
              </>
            )
          }
        >
          {isAsked
            ? correction === undefined
              ? "Look at the filter: names of fields and values must match exactly, and a missing field matches nothing."
              : "Values must match exactly, in upper and lower case too."
            : "Records appear here when a client upserts them."}
        </State>
      ) : (
        <RecordTable
          source={rows.source}
          columns={columns}
          firstRow={view.row}
          openRecord={view.record}
          onOpen={onOpen}
          onRest={onRest}
        />
      )}
    </div>
  );
}

interface Info {
  readonly info: IndexInfo | undefined;
  readonly failure: Error | undefined;
  /** The refresh that it belongs to. */
  readonly revision: number;
}

const nothingKnown: Info = { info: undefined, failure: undefined, revision: 0 };

/** What the index says about itself. */
function useInfo(index: OpenedIndex, revision: number): Info {
  const [known, setKnown] = useState<Info & { readonly index?: OpenedIndex }>(nothingKnown);
  useEffect(() => {
    const controller = new AbortController();
    index.api.call<IndexInfo>("info", [], { signal: controller.signal }).then(
      (info) => setKnown({ index, info, failure: undefined, revision }),
      (failure: Error) => {
        if (!controller.signal.aborted) setKnown((before) => ({ ...before, failure, revision }));
      },
    );
    return () => controller.abort();
  }, [index, revision]);
  return known.index === index || known.failure ? known : nothingKnown;
}
