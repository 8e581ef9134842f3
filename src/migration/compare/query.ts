import { type JudgedQuery, type Judgements, seededRandom } from "../../evaluation/index.ts";
import type { StoreRecord, Vector } from "../../store/document.ts";
import type { Filter } from "../../store/filter.ts";
import type { CallOptions } from "../../store/store.ts";
import { type ComparedStore, relationOf, type SideName, type VectorRelation } from "./side.ts";

/** What one side is asked: a text that it embeds itself, or a vector. */
export type QuerySubject = { readonly text: string } | { readonly vector: Vector };

export type SubjectKind = "vector" | "text";

/** One query that both sides are asked. */
export interface ComparisonQuery {
  readonly id: string;
  /** What a reader sees of it. */
  readonly label: string;
  readonly source: QuerySubject;
  readonly target: QuerySubject;
  readonly filter?: Filter;
  /** A record that is taken out of the results of both: the one that the query was made of. */
  readonly leaveOut?: string;
  readonly judgements?: Judgements;
}

/** Each text is asked as it is; both sides have to embed. */
export function textQueries(texts: readonly string[]): ComparisonQuery[] {
  return texts.map((text, place) => ({
    id: `text-${place + 1}`,
    label: text,
    source: { text },
    target: { text },
  }));
}

/** Golden queries, whose judgements let the comparison tell which side is the better one. */
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
  /** Queries at the most; each record is as likely as any other. Default 200. */
  readonly count?: number;
  readonly seed?: number;
  /** What of a record is asked, on either side or on each. Default `vector`. */
  readonly subject?: SubjectKind | Readonly<Record<SideName, SubjectKind>>;
  /** Whether the target holds the source's vectors. Default: what the two indexes tell of themselves. */
  readonly vectors?: VectorRelation;
  readonly filter?: Filter;
}

/**
 * Leave-one-out queries: records of the source, each asked by its own vector or text, and taken out of the
 * results. Where the target's vectors are others than the source's, each side is asked by its own vector of the
 * record; one side may be asked by the vector and the other by the text. Records that lack what is asked, on a side
 * that needs it, are passed over.
 */
export async function leaveOneOutQueries(
  source: ComparedStore,
  target: ComparedStore,
  options: SampleOptions = {},
): Promise<ComparisonQuery[]> {
  const { count = 200, seed = 1, subject = "vector", filter, signal } = options;
  const call = signal ? { signal } : {};
  const kinds = typeof subject === "string" ? { source: subject, target: subject } : subject;
  const relation =
    options.vectors ?? relationOf(await source.store.info(call), await target.store.info(call));
  const hasOwnVectors = kinds.target === "vector" && relation === "re-embedded";
  const ids = await sampleIds(source, count, seed, call);
  const includeVectors = kinds.source === "vector" || (kinds.target === "vector" && !hasOwnVectors);
  const records = await fetchAll(source, ids, includeVectors, call);
  const partners = hasOwnVectors ? await fetchAll(target, ids, true, call) : records;
  return ids.flatMap((id, place) => {
    const [own, partner] = [
      subjectOf(records[place], kinds.source),
      subjectOf(partners[place], kinds.target),
    ];
    if (!own || !partner) return [];
    const label = records[place]?.text ?? id;
    return [{ id, label, source: own, target: partner, leaveOut: id, ...(filter && { filter }) }];
  });
}

/** A sample of ids in which each is as likely, in one pass (Vitter 1985, "Random sampling with a reservoir"). */
export async function sampleIds(
  { store, namespace = "" }: ComparedStore,
  count: number,
  seed: number,
  call: CallOptions,
): Promise<string[]> {
  const random = seededRandom(seed);
  const sample: string[] = [];
  let seen = 0;
  for await (const page of store.range({ namespace, pageSize: 1_000, ...call })) {
    for (const { id } of page) {
      seen++;
      if (sample.length < count) sample.push(id);
      else {
        const place = Math.floor(random() * seen);
        if (place < count) sample[place] = id;
      }
    }
  }
  return sample;
}

function fetchAll(
  { store, namespace = "" }: ComparedStore,
  ids: readonly string[],
  includeVectors: boolean,
  call: CallOptions,
): Promise<(StoreRecord | undefined)[]> {
  return store.fetch(ids, { namespace, includeVectors, ...call });
}

function subjectOf(record: StoreRecord | undefined, kind: SubjectKind): QuerySubject | undefined {
  if (kind === "vector") return record?.vector && { vector: record.vector };
  return record?.text === undefined || record.text.trim() === "" ? undefined : { text: record.text };
}
