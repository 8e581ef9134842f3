import type { ComponentChildren, JSX } from "preact";
import { Button } from "../components/button.tsx";
import { bytes } from "../components/format.ts";
import { Icon } from "../icons/icon.tsx";
import type { IndexInfo } from "./api/records.ts";
import type { OpenedIndex } from "./api/session.ts";
import { visibleText } from "./visible-text.ts";
import "../components/field.css";
import "./namespaces.css";

interface NamespacesProps {
  readonly indexes: readonly OpenedIndex[];
  readonly index: OpenedIndex;
  readonly info: IndexInfo | undefined;
  /** Whether the last request for it failed. */
  readonly isFailed: boolean;
  readonly namespace: string;
  /** Whether the view is about the index as a whole. */
  readonly isOfIndex: boolean;
  readonly onIndex: (name: string) => void;
  readonly onNamespace: (name: string) => void;
  /** Absent in a service: it has one index, and takes the key of the other pages. */
  readonly onAddToken?: () => void;
  readonly onForget: () => void;
}

/** Indexes that are open, and the namespaces of the one in sight with their counts. */
export function Namespaces(props: NamespacesProps): JSX.Element {
  const { indexes, index, info, isFailed, namespace, onIndex, onNamespace, onAddToken, onForget } = props;
  const names = Object.entries(info?.namespaces ?? {});
  return (
    <aside class="namespaces" aria-label="Indexes and namespaces">
      <section class="namespaces-part">
        <h2 class="namespaces-title">Indexes</h2>
        <ul>
          {indexes.map((each) => (
            <li key={each.name}>
              <button
                type="button"
                class="namespaces-entry"
                aria-current={each === index}
                onClick={() => onIndex(each.name)}
              >
                <Icon name="archive" size={14} />
                <span class="namespaces-name" title={each.name}>
                  {each.name === "/" ? "index" : each.name}
                  {each.role && <span class="namespaces-role">{each.role}</span>}
                </span>
                {each.access === "read" && <span class="namespaces-meta">read-only</span>}
              </button>
            </li>
          ))}
        </ul>
        {info && <Facts info={info} />}
        {isFailed && info === undefined && (
          <p class="namespaces-note">The index does not answer at the moment.</p>
        )}
      </section>
      {/* Not before its place is known: the facts above it arrive with it. */}
      {info && (
        <section class="namespaces-part namespaces-scroll">
          <h2 class="namespaces-title">
            Namespaces <span class="namespaces-meta">{names.length}</span>
          </h2>
          <ul>
            {names.map(([name, counts]) => (
              <li key={name}>
                <button
                  type="button"
                  class="namespaces-entry"
                  aria-current={name === namespace}
                  onClick={() => onNamespace(name)}
                >
                  <span class={`namespaces-name ${name === "" ? "namespaces-default" : ""}`}>
                    {namespaceName(name)}
                  </span>
                  {counts.pendingVectorCount > 0 && (
                    <span class="namespaces-meta">
                      {counts.pendingVectorCount.toLocaleString("en")} pending
                    </span>
                  )}
                  <span class="namespaces-count">{counts.vectorCount.toLocaleString("en")}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
      {onAddToken && (
        <div class="namespaces-foot">
          <Button look="quiet" icon="key" onClick={onAddToken}>
            Add a token
          </Button>
          <Button look="quiet" icon="close" onClick={onForget}>
            Forget tokens
          </Button>
        </div>
      )}
    </aside>
  );
}

function namespaceName(name: string): string {
  return name === "" ? "default" : visibleText(name);
}

function Facts({ info }: { readonly info: IndexInfo }): JSX.Element {
  const { indexType, dimension, similarityFunction, indexSize, denseIndex, sparseIndex } = info;
  const models = [denseIndex?.embeddingModel, sparseIndex?.embeddingModel].filter(Boolean) as string[];
  return (
    <dl class="namespaces-facts">
      <dt>Kind</dt>
      <dd>{indexType.toLowerCase()}</dd>
      {dimension > 0 && (
        <>
          <dt>Dense</dt>
          <dd>
            {dimension.toLocaleString("en")}, {similarityFunction.toLowerCase().replace("_", " ")}
          </dd>
        </>
      )}
      <dt>Model</dt>
      <dd>
        {models.length === 0
          ? "none: clients send vectors"
          : models.map((model) => (
              <span key={model} class="namespaces-model">
                {breakable(model)}
              </span>
            ))}
      </dd>
      <dt>Size</dt>
      <dd>{bytes(indexSize)}</dd>
    </dl>
  );
}

/** Names of models break at their underscores. */
function breakable(name: string): ComponentChildren {
  return name.split(/(?<=_)/).map((part) => (
    <>
      {part}
      <wbr />
    </>
  ));
}

/** The same choice in one line, for narrow screens. */
export function NamespaceChoice(props: NamespacesProps): JSX.Element {
  const { indexes, index, info, namespace, isOfIndex, onIndex, onNamespace } = props;
  return (
    <div class="choice">
      {indexes.length > 1 && (
        <select
          class="field"
          aria-label="Index"
          value={index.name}
          onChange={(event) => onIndex(event.currentTarget.value)}
        >
          {indexes.map(({ name, role }) => (
            <option key={name} value={name}>
              {name === "/" ? "index" : name}
              {role && ` (${role})`}
            </option>
          ))}
        </select>
      )}
      {!isOfIndex && (
        <select
          class="field"
          aria-label="Namespace"
          value={namespace}
          onChange={(event) => onNamespace(event.currentTarget.value)}
        >
          {/* Without an answer of the index no count is known. */}
          {info === undefined && <option value={namespace}>{namespaceName(namespace)}</option>}
          {Object.entries(info?.namespaces ?? {}).map(([name, { vectorCount }]) => (
            <option key={name} value={name}>
              {namespaceName(name)} ({vectorCount.toLocaleString("en")})
            </option>
          ))}
        </select>
      )}
    </div>
  );
}
