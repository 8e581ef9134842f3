import { compileField, compileFilter, type FilterCondition } from "../embedded/filter/index.ts";
import { nearestName } from "../foundation/edit-distance.ts";
import { namespaceName } from "../foundation/namespace-name.ts";
import { counted } from "../foundation/plural.ts";
import { shellOption } from "../foundation/shell-word.ts";
import type { Metadata } from "./document.ts";
import { type Filter, toUpstashFilter } from "./filter.ts";
import type { CallOptions, VectorStore } from "./store.ts";

/** The scope of a search. */
export interface SearchScope {
  readonly namespace: string;
  readonly filter?: Filter;
  /** Values that stand for a missing one: they are not suggested. */
  readonly placeholders?: readonly string[];
}

/** Records examined at most, because advice does not justify reading a large cloud index. */
const recordsLookedAt = 3_000;
const pageSize = 1_000;

/** Names listed if none is similar. */
const namesListed = 6;

/** The examined records. */
interface Sample {
  readonly metadata: readonly (Metadata | undefined)[];
  /** Whether these are all. */
  readonly isWhole: boolean;
}

/**
 * Why nothing can be found within a scope: a namespace, field or value that does not exist, with what may have
 * been meant, one sentence or two each. Examines the first 3,000 records, and reports if more exist. Empty if
 * the scope holds some of these records.
 *
 * @throws {ServiceError} when the store fails
 */
export async function adviseOnScope(
  store: VectorStore,
  { namespace, filter, placeholders = [] }: SearchScope,
  options: CallOptions = {},
): Promise<string[]> {
  const { namespaces } = await store.info(options);
  if (namespace !== "" && !Object.hasOwn(namespaces, namespace)) {
    const names = Object.keys(namespaces).filter((name) => name !== "");
    return [`There is no namespace ${quoted(namespace)}.${suggestion([namespace], names)}`];
  }
  const recordCount = namespaces[namespace] ?? 0;
  if (recordCount === 0) {
    const option = namespace === "" ? "" : ` ${shellOption("namespace", namespace)}`;
    return [`There are no records in ${namespaceName(namespace)}. Fill it with: ragfood ingest${option}`];
  }
  if (filter === undefined) return [];
  const sample = await takeSample(store, namespace, recordCount, options);
  if (sample.metadata.some(compileFilter(filter))) return [];
  const problems = conditionsOf(filter).flatMap(
    (condition) => problemOf(condition, sample, placeholders) ?? [],
  );
  if (problems.length > 0) return [...new Set(problems)];
  return [`${none(sample)} meets all conditions: ${toUpstashFilter(filter)}.`];
}

async function takeSample(
  store: VectorStore,
  namespace: string,
  recordCount: number,
  options: CallOptions,
): Promise<Sample> {
  const metadata: (Metadata | undefined)[] = [];
  for await (const page of store.range({ ...options, namespace, pageSize })) {
    metadata.push(...page.map((record) => record.metadata));
    if (metadata.length >= recordsLookedAt) break;
  }
  return { metadata: metadata.slice(0, recordsLookedAt), isWhole: metadata.length >= recordCount };
}

function conditionsOf(filter: Filter): FilterCondition[] {
  return "operands" in filter ? filter.operands.flatMap(conditionsOf) : [filter];
}

/** The problem of a condition that no record meets, independent of the other conditions. */
function problemOf(
  condition: FilterCondition,
  sample: Sample,
  placeholders: readonly string[],
): string | undefined {
  if (sample.metadata.some(compileFilter(condition))) return undefined;
  const { field } = condition;
  const readField = compileField(field);
  const values = sample.metadata.map(readField).filter((value) => value !== undefined);
  if (values.length === 0) {
    return `${none(sample)} has a field ${quoted(field)}.${suggestion([field], fieldsOf(sample))}`;
  }
  const wanted = wantedTexts(condition);
  const text = toUpstashFilter(condition);
  if (wanted.length === 0) return `${none(sample)} fulfils ${text}.`;
  const takesLists = condition.kind === "contains";
  const lists = values.filter(Array.isArray);
  if (!takesLists && lists.length === values.length) {
    return `The field ${quoted(field)} holds lists: ask for ${toUpstashFilter({ kind: "contains", field, value: wanted[0] as string, negated: false })}.`;
  }
  if (takesLists && lists.length === 0) {
    return `The field ${quoted(field)} does not hold lists: ask for ${toUpstashFilter({ kind: "comparison", field, operator: "=", value: wanted[0] as string })}.`;
  }
  const known = byFrequency(takesLists ? lists.flat() : values);
  if (known.length === 0) {
    return `The field ${quoted(field)} holds no text: write numbers, true and false without quotes.`;
  }
  const named = wanted.map((each) => `'${each}'`).join(" or ");
  const suggested = known.filter((value) => !placeholders.includes(value));
  return `${none(sample)} has ${field} ${named}.${suggestion(wanted, suggested)}`;
}

/** The texts one of which a field must be or contain; empty for other conditions. */
function wantedTexts(condition: FilterCondition): string[] {
  switch (condition.kind) {
    case "comparison":
      return condition.operator === "=" ? textsOf([condition.value]) : [];
    case "in":
      return condition.negated ? [] : textsOf(condition.values);
    case "contains":
      return condition.negated ? [] : textsOf([condition.value]);
    default:
      return [];
  }
}

function textsOf(values: readonly unknown[]): string[] {
  return values.filter((value) => typeof value === "string");
}

/** Top-level fields except the text itself, the most common first. */
function fieldsOf({ metadata }: Sample): string[] {
  return byFrequency(metadata.flatMap((each) => Object.keys(each ?? {}))).filter(
    (field) => field !== "original_text",
  );
}

/** Distinct texts, the most common first. */
function byFrequency(values: readonly unknown[]): string[] {
  const counts = new Map<string, number>();
  for (const text of textsOf(values)) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort(([, left], [, right]) => right - left).map(([text]) => text);
}

/** Similar names, or a few of those that exist. */
function suggestion(wanted: readonly string[], known: readonly string[]): string {
  const near = new Set(wanted.flatMap((each) => nearestName(each, known) ?? []));
  if (near.size > 0) return ` Did you mean ${[...near].join(" or ")}?`;
  if (known.length === 0) return "";
  const others = known.length - namesListed;
  return ` ${known.length === 1 ? "The only one is" : "There are"} ${known.slice(0, namesListed).join(", ")}${others > 0 ? ` and ${others} more` : ""}.`;
}

function none({ metadata, isWhole }: Sample): string {
  return isWhole ? "No food" : `None of the first ${counted(metadata.length, "food")}`;
}

function quoted(name: string): string {
  return `'${name}'`;
}
