import { UsageError } from "../../foundation/errors.ts";
import { quoted } from "../../foundation/quoted.ts";
import type { Match, StoreRecord } from "../../store/document.ts";
import type { CallOptions } from "../../store/store.ts";
import { lengthOf, similarities } from "./metric.ts";
import { sampleRecords } from "./query.ts";
import type { ComparedStore } from "./side.ts";

export interface ConsistencyOptions extends CallOptions {
  /** Number of records whose texts are asked. Default 20. */
  readonly count?: number;
  /** The records. Default: a sample of the store. */
  readonly records?: readonly StoreRecord[];
  readonly seed?: number;
  /** Number of results that are compared. Default 10. */
  readonly k?: number;
  /**
   * A namespace that does not exist yet. Texts are written to it twice to compare their vectors, and it is deleted
   * afterwards. Without it nothing is written, and only answers are compared.
   */
  readonly scratchNamespace?: string;
}

interface EmbeddedTwice {
  readonly checked: number;
  /** Smallest cosine of two vectors that the index made of one text. */
  readonly leastCosine: number;
  /** Ids of records whose text got two different vectors. */
  readonly differing: readonly string[];
  /**
   * Ids of records whose own vector differs from the one that the index makes of their text. Their vectors come from
   * another model, so that questions, which the index embeds, cannot be compared with them.
   */
  readonly foreign: readonly string[];
}

export interface ConsistencyReport {
  readonly store: string;
  /** Number of texts that were asked twice. */
  readonly checked: number;
  /** Ids of records whose text got two different answers. */
  readonly differing: readonly string[];
  /** `undefined` without a scratch namespace. */
  readonly embeddedTwice: EmbeddedTwice | undefined;
  readonly isConsistent: boolean;
}

/** Allowed error of a score, or of 1 minus a cosine: float32 has 7 digits. */
const tolerance = 1e-6;

/** Two runs of one model on different machines agree to about this. */
const foreignTolerance = 1e-2;

/**
 * Whether an index always embeds a text in the same way (MIG-7): the same question gets the same answer; and, with a
 * scratch namespace, the same text gets the same vector, which is the one that its record has.
 *
 * @throws {UsageError} if the scratch namespace exists: its content would be lost
 * @throws {ServiceError | StorageError} of the store
 */
export async function consistency(
  { store, namespace = "" }: ComparedStore,
  options: ConsistencyOptions = {},
): Promise<ConsistencyReport> {
  const { count = 20, seed = 1, k = 10, scratchNamespace, signal } = options;
  const call = { signal };
  const sampling = { count, seed, includeVectors: true };
  const records =
    options.records?.slice(0, count) ?? (await sampleRecords({ store, namespace }, sampling, call));
  const texts = records.filter(({ text = "" }) => text.trim() !== "") as (StoreRecord & {
    readonly text: string;
  })[];
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
    throw new UsageError(`The namespace ${quoted(scratch)} exists, and would be deleted.`, {
      hint: "Name a namespace that does not exist.",
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
    // Also after a cancellation: nothing of the check may remain.
    if ((await store.listNamespaces()).includes(scratch)) await store.deleteNamespace(scratch);
  }
}

/** The smaller cosine of the dense and of the sparse vectors. */
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
