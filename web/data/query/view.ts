import type { Includes } from "../api/records.ts";
import type { Sort } from "../table/sort.ts";

/** What the query bar asks for. Without a query the records are listed. */
export type QueryMode = "text" | "vector" | "id" | "similar";

/** Everything that the address of the page restores. */
export interface View {
  readonly tab: "records" | "emulator";
  /** The name of the index; `undefined`: the first one. */
  readonly index: string | undefined;
  readonly namespace: string;
  readonly mode: QueryMode;
  /** A text, vector numbers, an id, or the id of the record whose neighbours are wanted. */
  readonly query: string;
  readonly filter: string;
  readonly topK: number;
  readonly include: Includes;
  /** `undefined`: chosen from the metadata. */
  readonly columns: readonly string[] | undefined;
  /** `undefined`: the order of the records, or of their scores. */
  readonly sort: Sort | undefined;
  /** The id of the record in the drawer. */
  readonly record: string | undefined;
  /** The first row in sight. */
  readonly row: number;
}

const modes: readonly QueryMode[] = ["text", "vector", "id", "similar"];

export const emptyView: View = {
  tab: "records",
  index: undefined,
  namespace: "",
  mode: "text",
  query: "",
  filter: "",
  topK: 50,
  include: { metadata: true, text: true, vectors: false },
  columns: undefined,
  sort: undefined,
  record: undefined,
  row: 0,
};

export const largestTopK = 1_000;

export function parseView(search: string): View {
  const given = new URLSearchParams(search);
  const mode = modes.find((each) => given.has(each));
  const include = given.get("include")?.split(",");
  return {
    tab: given.get("tab") === "emulator" ? "emulator" : "records",
    index: given.get("index") ?? undefined,
    namespace: given.get("namespace") ?? "",
    mode: mode ?? "text",
    query: (mode && given.get(mode)) ?? "",
    filter: given.get("filter") ?? "",
    topK: numberOf(given.get("top"), 1, largestTopK) ?? emptyView.topK,
    include: include
      ? {
          metadata: include.includes("metadata"),
          text: include.includes("text"),
          vectors: include.includes("vectors"),
        }
      : emptyView.include,
    columns: given.has("columns") ? given.getAll("columns").filter((column) => column !== "") : undefined,
    sort: parseSort(given.get("sort")),
    record: given.get("record") ?? undefined,
    row: numberOf(given.get("row"), 0, Number.MAX_SAFE_INTEGER) ?? 0,
  };
}

function numberOf(text: string | null, minimum: number, maximum: number): number | undefined {
  const number = Number(text ?? Number.NaN);
  return Number.isInteger(number) && number >= minimum && number <= maximum ? number : undefined;
}

/** `score`, or `-score` from the highest. */
function parseSort(text: string | null): Sort | undefined {
  if (text === null || text === "") return undefined;
  const isDescending = text.startsWith("-");
  return { column: isDescending ? text.slice(1) : text, isDescending };
}

/** The query string of the address; what is as usual is left out. */
export function formatView(view: View): string {
  const given = new URLSearchParams();
  if (view.tab !== emptyView.tab) given.set("tab", view.tab);
  if (view.index !== undefined) given.set("index", view.index);
  if (view.namespace !== "") given.set("namespace", view.namespace);
  if (view.query !== "" || view.mode !== emptyView.mode) given.set(view.mode, view.query);
  if (view.filter !== "") given.set("filter", view.filter);
  if (view.topK !== emptyView.topK) given.set("top", String(view.topK));
  const include = formatInclude(view.include);
  if (include !== formatInclude(emptyView.include)) given.set("include", include);
  if (view.columns !== undefined) {
    for (const column of view.columns.length === 0 ? [""] : view.columns) given.append("columns", column);
  }
  if (view.sort !== undefined) given.set("sort", (view.sort.isDescending ? "-" : "") + view.sort.column);
  if (view.record !== undefined) given.set("record", view.record);
  if (view.row !== 0) given.set("row", String(view.row));
  const text = given.toString();
  return text === "" ? "" : `?${text}`;
}

function formatInclude(include: Includes): string {
  return (["metadata", "text", "vectors"] as const).filter((name) => include[name]).join();
}
