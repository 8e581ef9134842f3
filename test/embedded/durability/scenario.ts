import type { IndexSettings, VectorIndex } from "../../../src/embedded/index.ts";
import type { StoredRecord } from "../../../src/embedded/storage/record.ts";
import type { Random } from "./random.ts";

export const hybridSettings: IndexSettings = {
  type: "HYBRID",
  dimension: 4,
  similarityFunction: "COSINE",
  embeddingModel: "",
  sparseEmbeddingModel: "",
};

/** A record of plain JSON, so that it can be sent to a child process and kept in a model. */
export interface PlainRecord {
  readonly id: string;
  readonly metadata: string;
  readonly data: string;
  readonly dense: readonly number[];
  readonly sparse: { readonly indices: readonly number[]; readonly values: readonly number[] };
}

export type Operation =
  | { readonly kind: "upsert"; readonly namespace: string; readonly records: readonly PlainRecord[] }
  | {
      readonly kind: "remove";
      readonly namespace: string;
      readonly target: { readonly ids: readonly string[] } | { readonly prefix: string };
    }
  | { readonly kind: "reset"; readonly namespace: string }
  | { readonly kind: "reset-all" }
  | { readonly kind: "delete-namespace"; readonly namespace: string }
  | { readonly kind: "rename-namespace"; readonly namespace: string; readonly newName: string };

/** What an index should hold: per namespace, records in insertion order. */
export type Model = ReadonlyMap<string, ReadonlyMap<string, PlainRecord>>;

export const emptyModel: Model = new Map([["", new Map()]]);

function applyTo(model: Model, operation: Operation): Model {
  const next = new Map(model);
  switch (operation.kind) {
    case "upsert": {
      const records = new Map(next.get(operation.namespace));
      for (const record of operation.records) records.set(record.id, record);
      return next.set(operation.namespace, records);
    }
    case "remove": {
      const records = new Map(next.get(operation.namespace));
      const { target } = operation;
      const ids =
        "ids" in target ? target.ids : [...records.keys()].filter((id) => id.startsWith(target.prefix));
      for (const id of ids) records.delete(id);
      return next.set(operation.namespace, records);
    }
    case "reset":
      return next.set(operation.namespace, new Map());
    case "reset-all":
      return new Map([...next.keys()].map((namespace) => [namespace, new Map()]));
    case "delete-namespace":
      next.delete(operation.namespace);
      return next;
    case "rename-namespace": {
      const records = next.get(operation.namespace) ?? new Map();
      next.delete(operation.namespace);
      return next.set(operation.newName, records);
    }
  }
}

/** The states that an index passes through: before the first operation, and after each. */
export function statesOf(model: Model, operations: readonly Operation[]): Model[] {
  const states = [model];
  for (const operation of operations) states.push(applyTo(states.at(-1) as Model, operation));
  return states;
}

/** A model as text that is equal when every record, and their order, is. */
export function textOfModel(model: Model): string {
  const namespaces = [...model].sort(([left], [right]) => (left < right ? -1 : 1));
  return JSON.stringify(namespaces.map(([namespace, records]) => [namespace, [...records.values()]]));
}

/** What an index holds, as `textOfModel` writes it. */
export function textOfIndex(index: VectorIndex): string {
  return JSON.stringify(
    index.listNamespaces().map((namespace) => {
      const records: PlainRecord[] = [];
      for (let after: number | undefined = 0; after !== undefined; ) {
        const page = index.range(namespace, after, 1_000, "", { metadata: true, data: true, vectors: true });
        records.push(...page.records.map(toPlain));
        after = page.next;
      }
      return [namespace, records];
    }),
  );
}

function toPlain({ id, metadata = "", data = "", dense, sparse }: StoredRecord): PlainRecord {
  return {
    id,
    metadata,
    data,
    dense: [...(dense ?? [])],
    sparse: { indices: [...(sparse?.indices ?? [])], values: [...(sparse?.values ?? [])] },
  };
}

export function toStored({ id, metadata, data, dense, sparse }: PlainRecord): StoredRecord {
  return {
    id,
    metadata,
    data,
    dense: Float32Array.from(dense),
    sparse: { indices: Int32Array.from(sparse.indices), values: Float32Array.from(sparse.values) },
  };
}

/** The ids that a query finds in a namespace, by way of its mirror. */
export async function idsFound(index: VectorIndex, namespace: string): Promise<string[]> {
  const hits = await index.query(
    namespace,
    {
      dense: Float32Array.of(1, 1, 1, 1),
      sparse: { indices: Int32Array.of(0), values: Float32Array.of(1) },
      topK: 1_000,
      filter: { kind: "has-field", field: "n", negated: false },
      weightByFrequency: false,
      fusion: "RRF",
    },
    { metadata: true, data: true },
  );
  return hits.map(({ record }) => record.id).sort();
}

const otherNamespaces = ["recipes", "stews", "soups"];

/** Operations that an index in the state of `model` accepts, mostly upserts. */
export function randomOperations(
  random: Random,
  model: Model,
  count: number,
  largestBatch: number,
): Operation[] {
  const operations: Operation[] = [];
  let state = model;
  while (operations.length < count) {
    const operation = randomOperation(random, state, largestBatch);
    operations.push(operation);
    state = applyTo(state, operation);
  }
  return operations;
}

function randomOperation(random: Random, model: Model, largestBatch: number): Operation {
  const namespace = random.of([...model.keys()]);
  const named = [...model.keys()].filter((name) => name !== "");
  const chance = random.below(100);
  if (chance < 15) return { kind: "remove", namespace, target: { ids: sample(random, model, namespace) } };
  if (chance < 22) return { kind: "remove", namespace, target: { prefix: `food-${random.below(10)}` } };
  if (chance < 27) return { kind: "reset", namespace };
  if (chance < 29) return { kind: "reset-all" };
  if (chance < 33 && named.length > 0) return { kind: "delete-namespace", namespace: random.of(named) };
  if (chance < 38 && named.length > 0) {
    const name = random.of(named);
    const newName = random.of(otherNamespaces);
    if (newName !== name) return { kind: "rename-namespace", namespace: name, newName };
  }
  const records = Array.from({ length: 1 + random.below(largestBatch) }, () => randomRecord(random));
  return { kind: "upsert", namespace: random.of(["", ...otherNamespaces]), records: lastOfEach(records) };
}

function sample(random: Random, model: Model, namespace: string): string[] {
  return [...(model.get(namespace)?.keys() ?? [])].filter(() => random.below(4) === 0).slice(0, 1_000);
}

/** An id that comes twice takes its first place and its last value, in the model as in the index. */
function lastOfEach(records: readonly PlainRecord[]): PlainRecord[] {
  return [...new Map(records.map((record) => [record.id, record])).values()];
}

export function randomRecord(random: Random): PlainRecord {
  const n = random.below(400);
  return {
    id: `food-${n}`,
    metadata: JSON.stringify({ n, region: random.of(["India", "Vietnam", "Türkiye"]) }),
    data: "A soup, a stew or a salad. ".repeat(random.below(12)),
    dense: Array.from({ length: 4 }, () => 1 + random.below(100)),
    sparse: { indices: [0, 1 + random.below(50)], values: [1, 1 + random.below(9)] },
  };
}
