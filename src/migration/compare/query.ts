import type { JudgedQuery, Judgements } from "../../evaluation/index.ts";
import { Reservoir } from "../../foundation/random.ts";
import type { StoreRecord, Vector } from "../../store/document.ts";
import type { Filter } from "../../store/filter.ts";
import type { CallOptions } from "../../store/store.ts";
import { type ComparedStore, relationOf, type SideName, type VectorRelation } from "./side.ts";

/** What a side is asked: a text that it embeds itself, or a vector. */
export type QuerySubject = { readonly text: string } | { readonly vector: Vector };

export type SubjectKind = "vector" | "text";

/** One query for both sides. */
export interface ComparisonQuery {
  readonly id: string;
  /** What a reader sees. */
  readonly label: string;
  readonly source: QuerySubject;
  readonly target: QuerySubject;
  readonly filter?: Filter;
  /** The record that the query was made of; it is taken out of both results. */
  readonly leaveOut?: string;
  readonly judgements?: Judgements;
}

/** Each text unchanged; both sides must embed. */
export function textQueries(texts: readonly string[]): ComparisonQuery[] {
  return texts.map((text, place) => ({
    id: `text-${place + 1}`,
    label: text,
    source: { text },
    target: { text },
  }));
}

/** Golden queries, whose judgements show which side is better. */
export function judgedQueries(queries: readonly JudgedQuery[]): ComparisonQuery[] {
  return queries.map(({ id, text, filter, judgements }) => ({
    id,
    label: text,
    source: { text },
    target: { text },
    judgements,
    ...(filter && { filter }),
  }));
}

export interface SampleOptions extends CallOptions {
  /** Maximum number of queries; each record is as likely as any other. Default 200. */
  readonly count?: number;
  readonly seed?: number;
  /** Records of the source, in random order, with the vectors that are asked. Default: a sample of the source. */
  readonly records?: readonly StoreRecord[];
  /** What of a record is asked, of both sides or of each. Default `vector`. */
  readonly subject?: SubjectKind | Readonly<Record<SideName, SubjectKind>>;
  /** Whether the target holds the source's vectors. Default: by the descriptions of the two indexes. */
  readonly vectors?: VectorRelation;
  readonly filter?: Filter;
}

/**
 * Leave-one-out queries: records of the source, each asked by its own vector or text, and taken out of the
 * results. If the target has other vectors than the source, each side is asked by its own vector of the record. One
 * side may be asked by the vector and the other by the text. Records without what is asked are left out.
 */
export async function leaveOneOutQueries(
  source: ComparedStore,
  target: ComparedStore,
  options: SampleOptions = {},
): Promise<ComparisonQuery[]> {
  const { count = 200, seed = 1, subject = "vector", filter, signal } = options;
  const call = { signal };
  const kinds = typeof subject === "string" ? { source: subject, target: subject } : subject;
  const relation =
    options.vectors ?? relationOf(await source.store.info(call), await target.store.info(call));
  const hasOwnVectors = kinds.target === "vector" && relation === "re-embedded";
  const includeVectors = kinds.source === "vector" || (kinds.target === "vector" && !hasOwnVectors);
  const records =
    options.records?.slice(0, count) ?? (await sampleRecords(source, { count, seed, includeVectors }, call));
  const ids = records.map(({ id }) => id);
  const partners = hasOwnVectors ? await fetchAll(target, ids, true, call) : records;
  return records.flatMap((record, place) => {
    const [own, partner] = [subjectOf(record, kinds.source), subjectOf(partners[place], kinds.target)];
    if (!own || !partner) return [];
    const { id, text: label = id } = record;
    return [{ id, label, source: own, target: partner, leaveOut: id, ...(filter && { filter }) }];
  });
}

/** Records of a store, each as likely as any other, in one pass over its ids. */
export async function sampleRecords(
  side: ComparedStore,
  { count, seed, includeVectors }: { count: number; seed: number; includeVectors: boolean },
  call: CallOptions,
): Promise<StoreRecord[]> {
  const found = await fetchAll(side, await sampleIds(side, count, seed, call), includeVectors, call);
  return found.filter((record) => record !== undefined);
}

async function sampleIds(
  { store, namespace = "" }: ComparedStore,
  count: number,
  seed: number,
  call: CallOptions,
): Promise<string[]> {
  const sample = new Reservoir<string>(count, seed);
  for await (const page of store.range({ namespace, pageSize: 1_000, ...call })) {
    for (const { id } of page) sample.offer(() => id);
  }
  return sample.items;
}

function fetchAll(
  { store, namespace = "" }: ComparedStore,
  ids: readonly string[],
  includeVectors: boolean,
  call: CallOptions,
): Promise<(StoreRecord | undefined)[]> {
  return store.fetch(ids, { namespace, includeVectors, ...call });
}

export function subjectOf(record: StoreRecord | undefined, kind: SubjectKind): QuerySubject | undefined {
  if (kind === "vector") return record?.vector && { vector: record.vector };
  return record?.text === undefined || record.text.trim() === "" ? undefined : { text: record.text };
}
