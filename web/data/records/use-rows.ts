import { useEffect, useState } from "preact/hooks";
import { countOf, type IndexInfo } from "../api/records.ts";
import type { OpenedIndex } from "../api/session.ts";
import { type IndexRequest, isList, predicateOf, prefixOf, requestOf, runQuery } from "../query/request.ts";
import type { View } from "../query/view.ts";
import type { FieldCatalog } from "./field-catalog.ts";
import { listSource } from "./list-source.ts";
import { RangeSource } from "./range-source.ts";
import { type RowSource, toRow } from "./row-source.ts";

/** The rows of a view. */
export type Rows =
  | { readonly state: "waiting" }
  | { readonly state: "failed"; readonly error: Error }
  | {
      readonly state: "ready";
      readonly source: RowSource;
      readonly request: IndexRequest;
      /** How long a query took; a list has no such time. */
      readonly milliseconds: number | undefined;
      /** The rows of the view before: those of this view are on their way. */
      readonly isOld?: boolean;
    };

interface RowsOptions {
  readonly index: OpenedIndex;
  readonly view: View;
  readonly catalog: FieldCatalog;
  /** What the index says about itself; nothing is read before. */
  readonly info: IndexInfo | undefined;
  /** Another number reads everything again. */
  readonly revision: number;
  readonly onLearn: () => void;
}

/** Lists the records of the view, or runs its query. */
export function useRows(options: RowsOptions): Rows {
  const { index, view, info, revision } = options;
  const [rows, setRows] = useState<Rows>({ state: "waiting" });
  const { namespace, mode, query, filter, topK, include } = view;
  const isReady = info !== undefined;
  // What decides the rows, as one value; the other parts of the view do not read anything again.
  const key = JSON.stringify([
    index.name,
    namespace,
    mode,
    query,
    filter,
    isList(view) ? 0 : topK,
    include,
    revision,
  ]);
  useEffect(() => {
    if (info === undefined) return;
    const controller = new AbortController();
    let source: RowSource | undefined;
    setRows((before) => (before.state === "ready" ? { ...before, isOld: true } : { state: "waiting" }));
    open(options, info, controller.signal).then(
      (opened) => {
        if (opened.state === "ready") source = opened.source;
        if (controller.signal.aborted) source?.close();
        else setRows(opened);
      },
      (error: Error) => {
        if (!controller.signal.aborted) setRows({ state: "failed", error });
      },
    );
    return () => {
      controller.abort();
      source?.close();
    };
  }, [key, isReady]);
  return rows;
}

async function open(options: RowsOptions, info: IndexInfo, signal: AbortSignal): Promise<Rows> {
  const { index, view, catalog, onLearn } = options;
  if (isList(view)) {
    const filter = predicateOf(view);
    const prefix = prefixOf(view);
    const source = new RangeSource({
      api: index.api,
      namespace: view.namespace,
      include: view.include,
      ...(filter && { filter }),
      ...(prefix !== "" ? { prefix } : { expectedCount: countOf(info, view.namespace) }),
      onRecords(records) {
        catalog.learn(records);
        onLearn();
      },
    });
    // The columns come from the records: with the first of them the table has its shape.
    if (view.row === 0) await firstRows(source);
    return { state: "ready", source, request: requestOf(view, info), milliseconds: undefined };
  }
  predicateOf(view);
  const start = performance.now();
  const { request, records } = await runQuery(index, view, info, signal);
  const milliseconds = performance.now() - start;
  catalog.learn(records);
  onLearn();
  return { state: "ready", source: listSource(records.map(toRow)), request, milliseconds };
}

/** Rows that are surely in sight at the beginning. */
const rowsAtFirst = 40;

/** Waits for the first answer. */
async function firstRows(source: RowSource): Promise<void> {
  await new Promise<void>((resolve) => {
    const unsubscribe = source.subscribe(() => {
      const hasAnswer = source.row(0) !== undefined || (source.scanned ?? 0) > 0;
      if (!hasAnswer && source.isLoading) return;
      unsubscribe();
      resolve();
    });
    source.want(0, rowsAtFirst);
  });
}
