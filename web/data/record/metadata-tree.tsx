import type { JSX } from "preact";
import { formatFilter, isFieldPath } from "../../../src/embedded/filter/index.ts";
import { JsonText, stringifyJson } from "../../../src/foundation/exact-json/index.ts";
import { IconButton } from "../../components/button.tsx";
import { Icon } from "../../icons/icon.tsx";
import { isObject } from "../records/field-catalog.ts";
import "./metadata-tree.css";

interface TreeProps {
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Adds a condition to the filter. */
  readonly onFilter: (condition: string) => void;
}

/** Metadata as a tree: objects and lists open and close, values can become conditions of the filter. */
export function MetadataTree({ metadata, onFilter }: TreeProps): JSX.Element {
  return (
    <ul class="tree">
      {Object.entries(metadata).map(([key, value]) => (
        <Branch key={key} name={key} path={key} value={value} depth={0} onFilter={onFilter} />
      ))}
    </ul>
  );
}

interface BranchProps {
  readonly name: string;
  /** As a filter would name it. */
  readonly path: string;
  readonly value: unknown;
  readonly depth: number;
  readonly onFilter: (condition: string) => void;
}

/** Items of a list that are shown. */
const longestList = 200;
/** Deeper parts are shown as JSON. */
const deepest = 12;

function Branch({ name, path, value, depth, onFilter }: BranchProps): JSX.Element {
  const isList = Array.isArray(value);
  if ((!isList && !isObject(value)) || depth === deepest) {
    return (
      <li class="tree-leaf">
        <span class="tree-key">{name}</span>
        <Value value={value} />
        <FilterButton condition={conditionOf(path, value)} onFilter={onFilter} />
      </li>
    );
  }
  const entries: [string, unknown][] = isList
    ? value.slice(0, longestList).map((item, place) => [String(place), item])
    : Object.entries(value);
  const size = isList ? value.length : entries.length;
  const isPlainList =
    isList && size <= longestList && value.every((item) => !isObject(item) && !Array.isArray(item));
  if (isPlainList) {
    return (
      <li class="tree-leaf">
        <span class="tree-key">{name}</span>
        <span class="tree-items">
          {value.length === 0 && <span class="tree-empty">empty list</span>}
          {value.map((item, place) => (
            <Item key={place} value={item} condition={conditionOf(path, item, true)} onFilter={onFilter} />
          ))}
        </span>
      </li>
    );
  }
  return (
    <li>
      <details open={depth < 2}>
        <summary class="tree-key">
          <Icon name="right" size={12} />
          {name}
          <span class="tree-size">
            {size} {isList ? "item" : "field"}
            {size === 1 ? "" : "s"}
          </span>
        </summary>
        <ul class="tree">
          {entries.map(([key, item]) => (
            <Branch
              key={key}
              name={key}
              path={isList ? `${path}[${key}]` : `${path}.${key}`}
              value={item}
              depth={depth + 1}
              onFilter={onFilter}
            />
          ))}
        </ul>
      </details>
    </li>
  );
}

interface ItemProps extends FilterButtonProps {
  readonly value: unknown;
}

/** An item of a list; the whole of it filters. */
function Item({ value, condition, onFilter }: ItemProps): JSX.Element {
  if (condition === undefined) {
    return (
      <span class="tree-item">
        <Value value={value} />
      </span>
    );
  }
  return (
    <button
      type="button"
      class="tree-item tree-item-filter touch"
      aria-label={`Filter by ${condition}`}
      title={`Filter by ${condition}`}
      onClick={() => onFilter(condition)}
    >
      <Value value={value} />
    </button>
  );
}

function Value({ value }: { readonly value: unknown }): JSX.Element {
  if (typeof value === "string") return <span class="tree-text">{value === "" ? '""' : value}</span>;
  const kind = value === null || typeof value === "boolean" ? "tree-word" : "tree-number";
  return <code class={kind}>{value instanceof JsonText ? value.text : stringifyJson(value)}</code>;
}

interface FilterButtonProps {
  readonly condition: string | undefined;
  readonly onFilter: (condition: string) => void;
}

function FilterButton({ condition, onFilter }: FilterButtonProps): JSX.Element | null {
  if (condition === undefined) return null;
  return (
    <IconButton
      class="tree-filter"
      icon="filter"
      label={`Filter by ${condition}`}
      onClick={() => onFilter(condition)}
    />
  );
}

/** The condition that this value meets; `undefined` if a filter cannot say it. */
function conditionOf(path: string, value: unknown, isItem = false): string | undefined {
  const plain = value instanceof JsonText ? value.valueOf() : value;
  const isLiteral = ["string", "number", "bigint", "boolean"].includes(typeof plain);
  if (!isLiteral || !isFieldPath(path)) return undefined;
  const literal = plain as string | number | bigint | boolean;
  try {
    return formatFilter(
      isItem
        ? { kind: "contains", field: path, value: literal, negated: false }
        : { kind: "comparison", field: path, operator: "=", value: literal },
    );
  } catch {
    return undefined;
  }
}
