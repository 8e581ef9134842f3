import fc from "fast-check";
import type { RecordSource, SourceDescription } from "../../../src/migration/source.ts";
import type { StoreRecord } from "../../../src/store/document.ts";

const dimension = 4;

const float = fc.float({ noNaN: false });
const anyText = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }),
  fc.constantFrom("", "\uFEFFmark", "\u0000", "e\u0301", "\u00e9", "line\nbreak", "\u2028"),
);

/** JSON values, `-0` taken as `0`, as JSON writers do. */
const jsonValue = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown);

const parts = {
  text: anyText,
  metadata: fc.dictionary(fc.oneof(anyText, fc.constantFrom("__proto__", "constructor", "1")), jsonValue, {
    noNullPrototype: true,
  }),
  vector: fc.float32Array({ minLength: dimension, maxLength: dimension }),
  sparseVector: fc
    .uniqueArray(fc.tuple(fc.integer({ min: 0, max: 2 ** 32 - 1 }), float), {
      selector: ([index]) => index,
      maxLength: 5,
    })
    .map((pairs) => ({ indices: pairs.map(([index]) => index), values: pairs.map(([, value]) => value) })),
};

/** Records with any of their parts, float32 in the vectors. */
export const record: fc.Arbitrary<StoreRecord> = fc.record(
  { id: anyText, ...parts },
  { requiredKeys: ["id"] },
);

/** Records of different ids. */
export const records = fc.uniqueArray(record, { selector: ({ id }) => id, maxLength: 30 });

/** `count` records that differ, of plain content. */
export function someRecords(count: number, vectorDimension = dimension): StoreRecord[] {
  return Array.from({ length: count }, (_, number) => ({
    id: `food-${number}`,
    text: `Food number ${number}`,
    metadata: { number, region: number % 2 === 0 ? "India" : "Japan" },
    vector: Float32Array.from({ length: vectorDimension }, (_, place) =>
      Math.fround(Math.sin(number + place)),
    ),
  }));
}

/** A source that gives these records. */
export class ListSource implements RecordSource {
  readonly name = "list foods";
  readonly #records: readonly StoreRecord[];
  readonly #description: Partial<SourceDescription>;

  constructor(list: readonly StoreRecord[], description: Partial<SourceDescription> = {}) {
    this.#records = list;
    this.#description = description;
  }

  async describe(): Promise<SourceDescription> {
    return {
      kind: "chroma-directory",
      collection: "foods",
      recordCount: this.#records.length,
      dimension,
      similarityFunction: "EUCLIDEAN",
      embeddingModel: "mxbai-embed-large",
      ...this.#description,
    };
  }

  async *records({ batchSize = 7 } = {}): AsyncGenerator<StoreRecord[]> {
    for (let start = 0; start < this.#records.length; start += batchSize) {
      yield this.#records.slice(start, start + batchSize);
    }
  }

  async close(): Promise<void> {}
}

/** Everything that a source gives, in its order. */
export async function readAll(source: RecordSource, batchSize = 1_000): Promise<StoreRecord[]> {
  const all: StoreRecord[] = [];
  for await (const batch of source.records({ batchSize })) all.push(...batch);
  return all;
}
