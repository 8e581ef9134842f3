import { UsageError } from "../../foundation/errors.ts";
import type { Match, StoreRecord } from "../../store/document.ts";
import type { CallOptions } from "../../store/store.ts";
import { lengthOf, similarities } from "./metric.ts";
import { sampleIds } from "./query.ts";
import type { ComparedStore } from "./side.ts";

export interface ConsistencyOptions extends CallOptions {
  /** Records whose texts are tried. Default 20. */
  readonly count?: number;
  readonly seed?: number;
  /** Results of each query that are compared. Default 10. */
  readonly k?: number;
  /**
   * A namespace that does not exist yet, into which texts are written twice to see their vectors, and which is
   * deleted after. Without it nothing is written, and only answers are compared.
   */
  readonly scratchNamespace?: string;
}

export interface EmbeddedTwice {
  readonly checked: number;
  /** Least cosine of two vectors that the index made of one text. */
  readonly leastCosine: number;
  /** Texts, by the id of their record, of which the index made two vectors. */
  readonly differing: readonly string[];
  /**
   * Records whose own vector is not what the index makes of their text: their vectors come from another model,
   * so that a question, which the index embeds, is compared with what it cannot be compared with.
   */
  readonly foreign: readonly string[];
}

export interface ConsistencyReport {
  readonly store: string;
  /** Texts that were asked twice. */
  readonly checked: number;
  /** Records whose text got two different answers. */
  readonly differing: readonly string[];
  /** `undefined` without a scratch namespace. */
  readonly embeddedTwice: EmbeddedTwice | undefined;
  readonly isConsistent: boolean;
}

/** What a score, or 1 minus a cosine, may be off: float32 has 7 digits. */
const tolerance = 1e-6;

/** Two runs of one model on different machines agree to about this. */
const foreignTolerance = 1e-2;

/**
 * Whether an index embeds one text in one way (MIG-7): the same question gets the same answer; and, where it may
 * write to a scratch namespace, the same text gets the same vector, which is the one that its record has.
 *
 * @throws {UsageError} where the scratch namespace exists: what is in it would be lost
 * @throws {ServiceError | StorageError} of the store
 */
export async function consistency(
  { store, namespace = "" }: ComparedStore,
  options: ConsistencyOptions = {},
): Promise<ConsistencyReport> {
  const { count = 20, seed = 1, k = 10, scratchNamespace, signal } = options;
  const call = signal ? { signal } : {};
  const ids = await sampleIds({ store, namespace }, count, seed, call);
  const found = await store.fetch(ids, { namespace, includeVectors: true, ...call });
  const records = found.filter((record) => record?.text !== undefined && record.text.trim() !== "");
  const texts = records as (StoreRecord & { readonly text: string })[];
  const differing: string[] = [];
  for (const { id, text } of texts) {
    const answers = [
      await store.query({ text, topK: k }, { namespace, ...call }),
      await store.query({ text, topK: k }, { namespace, ...call }),
    ] as const;
    if (!isSameAnswer(...answers)) differing.push(id);
  }
  const embeddedTwice =
    scratchNamespace === undefined ? undefined : await embedTwice(store, texts, scratchNamespace, call);
  return {
    store: store.name,
    checked: texts.length,
    differing,
    embeddedTwice,
    isConsistent:
      differing.length === 0 &&
      (embeddedTwice?.differing.length ?? 0) === 0 &&
      (embeddedTwice?.foreign.length ?? 0) === 0,
  };
}

function isSameAnswer(left: readonly Match[], right: readonly Match[]): boolean {
  const scoreById = new Map(right.map(({ id, score }) => [id, score]));
  return (
    left.length === right.length &&
    left.every(({ id, score }) => {
      const other = scoreById.get(id);
      return other !== undefined && Math.abs(other - score) <= tolerance * Math.max(1, Math.abs(score));
    })
  );
}

async function embedTwice(
  store: ComparedStore["store"],
  records: readonly (StoreRecord & { readonly text: string })[],
  scratch: string,
  call: CallOptions,
): Promise<EmbeddedTwice> {
  if (scratch === "" || (await store.listNamespaces(call)).includes(scratch)) {
    throw new UsageError(`The namespace ${JSON.stringify(scratch)} exists, and would be deleted.`, {
      hint: "Name one for the check that does not exist.",
    });
  }
  const scratchCall = { namespace: scratch, ...call };
  try {
    const ids = records.map((_, place) => String(place));
    for (const prefix of ["first", "second"]) {
      const documents = records.map(({ text }, place) => ({ id: `${prefix}-${place}`, text, metadata: {} }));
      await store.upsert(documents, scratchCall);
    }
    const fetched = async (prefix: string) =>
      store.fetch(
        ids.map((id) => `${prefix}-${id}`),
        { ...scratchCall, includeVectors: true },
      );
    const [firsts, seconds] = [await fetched("first"), await fetched("second")];
    const cosines = records.map((_, place) => likeness(firsts[place], seconds[place]));
    const own = records.map((record, place) => likeness(record, firsts[place]));
    const idsWhere = (values: readonly number[], allowed: number) =>
      records.filter((_, place) => (values[place] as number) < 1 - allowed).map(({ id }) => id);
    return {
      checked: records.length,
      leastCosine: Math.min(1, ...cosines),
      differing: idsWhere(cosines, tolerance),
      foreign: idsWhere(own, foreignTolerance),
    };
  } finally {
    // Also where the caller gave up: nothing of the check may stay behind.
    if ((await store.listNamespaces()).includes(scratch)) await store.deleteNamespace(scratch);
  }
}

/** Cosine of the dense vectors, or of the sparse ones where there are no dense ones; the lesser of both. */
function likeness(left: StoreRecord | undefined, right: StoreRecord | undefined): number {
  const cosines: number[] = [];
  if (left?.vector && right?.vector && left.vector.length === right.vector.length) {
    const vector = Float64Array.from(left.vector);
    cosines.push(similarities(vector, lengthOf(left.vector), right.vector).COSINE);
  }
  if (left?.sparseVector && right?.sparseVector) {
    cosines.push(sparseCosine(left.sparseVector, right.sparseVector));
  }
  return cosines.length === 0 ? 0 : Math.min(...cosines);
}

type SparseVector = NonNullable<StoreRecord["sparseVector"]>;

function sparseCosine(left: SparseVector, right: SparseVector): number {
  const values = new Map(right.indices.map((index, place) => [index, right.values[place] as number]));
  const dot = left.indices.reduce(
    (sum, index, place) => sum + (left.values[place] as number) * (values.get(index) ?? 0),
    0,
  );
  const lengths = lengthOf(left.values) * lengthOf(right.values);
  return lengths === 0 ? 1 : dot / lengths;
}
