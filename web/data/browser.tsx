import type { JSX } from "preact";
import { useReducer } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { State } from "../components/state.tsx";
import { Tabs } from "../components/tabs.tsx";
import { useMedia } from "../components/use-media.ts";
import { pageAction, usePageActions } from "../shell/page-actions.ts";
import type { IndexInfo } from "./api/records.ts";
import type { OpenedIndex, Session } from "./api/session.ts";
import { Faults } from "./emulator/faults.tsx";
import { RequestLog } from "./emulator/request-log.tsx";
import { NamespaceChoice, Namespaces } from "./namespaces.tsx";
import type { View } from "./query/view.ts";
import { RecordsView } from "./records-view.tsx";
import { useInfo } from "./use-info.ts";
import "./browser.css";

interface BrowserProps {
  readonly session: Session;
  readonly view: View;
  readonly onChange: (change: Partial<View>) => void;
  readonly onAddToken: () => void;
  readonly onForget: () => void;
}

const tabs = [
  { value: "records", label: "Records", icon: "table" },
  { value: "emulator", label: "Requests and faults", icon: "gauge" },
] as const;

/** The id of what the chosen tab shows. */
const panel = "data-panel";

/** The data of the open indexes: namespaces, records, one record. */
export function Browser({ session, view: asked, onChange, onAddToken, onForget }: BrowserProps): JSX.Element {
  const index =
    session.indexes.find(({ name }) => name === asked.index) ?? (session.indexes[0] as OpenedIndex);
  const [refreshes, refresh] = useReducer((count: number) => count + 1, 0);
  const { info, failure, revision } = useInfo(index, refreshes);
  const isEmulator = session.host === "emulator";
  const tab = isEmulator ? asked.tab : "records";
  const view = { ...asked, tab, namespace: visibleNamespace(asked.namespace, info) };
  const isSided = useMedia("(min-width: 900px)");
  const choice = {
    indexes: session.indexes,
    index,
    info,
    isFailed: failure !== undefined,
    namespace: view.namespace,
    isOfIndex: tab === "emulator",
    onIndex: (name: string) => onChange({ ...elsewhere, index: name, namespace: "" }),
    onNamespace: (namespace: string) => onChange({ ...elsewhere, namespace }),
    ...(isEmulator && { onAddToken }),
    onForget,
  };
  usePageActions(() => [
    ...(isEmulator ? [pageAction("Add a token", "key", onAddToken)] : []),
    ...(isEmulator && tab === "records"
      ? [pageAction("Requests and faults", "gauge", () => onChange({ tab: "emulator" }))]
      : []),
    ...(tab === "emulator" ? [pageAction("Records", "table", () => onChange({ tab: "records" }))] : []),
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
            {tab === "emulator" ? "Emulator" : view.namespace === "" ? "Records" : view.namespace}
          </h1>
          {!isSided && <NamespaceChoice {...choice} />}
          {isEmulator && (
            <div class="data-tabs">
              <Tabs
                label="Views"
                options={tabs}
                value={tab}
                panel={panel}
                onChange={(chosen) => onChange({ tab: chosen })}
              />
            </div>
          )}
        </header>
        <div class="data-panel" id={panel} {...(isEmulator && { role: "tabpanel", "aria-label": tab })}>
          {tab === "emulator" ? (
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
            <RecordsView
              // Another index or namespace has other fields.
              key={`${index.name}\n${view.namespace}`}
              index={index}
              info={info}
              view={view}
              revision={revision}
              onChange={onChange}
              onRefresh={() => refresh(undefined)}
            />
          )}
        </div>
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
  sort: undefined,
  record: undefined,
  row: 0,
};
