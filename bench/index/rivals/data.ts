import { clustered, uniform, unstructured } from "../vectors.ts";
import type { RowFilter, RowMetadata } from "./rival.ts";

/** What is measured on, the same in every process. */
export interface DataSettings {
  readonly source: string;
  readonly dimension: number;
  readonly rowCount: number;
  /** Vectors drawn before the rows: questions, and rows to write one by one. */
  readonly heldOut: number;
}

export const filters: Record<"all" | "tenth" | "hundredth", RowFilter | undefined> = {
  all: undefined,
  tenth: { field: "tenth", value: 3 },
  hundredth: { field: "hundredth", value: 42 },
};

export type FilterName = keyof typeof filters;

const sources: Record<string, (dimension: number) => () => Float32Array> = {
  clustered: (dimension) => clustered(dimension, 1),
  iid: (dimension) => unstructured(dimension, 2),
};

export class Data {
  readonly heldOut: readonly Float32Array[];
  readonly #next: () => Float32Array;
  readonly #hundredth: () => number;

  constructor({ source, dimension, heldOut }: DataSettings) {
    const make = sources[source];
    if (make === undefined)
      throw new Error(`No data ${source}; there are ${Object.keys(sources).join(", ")}.`);
    this.#next = make(dimension);
    this.heldOut = Array.from({ length: heldOut }, this.#next);
    const random = uniform(4);
    this.#hundredth = () => Math.floor(random() * 100);
  }

  /** Of the next row. */
  next(): { vector: Float32Array; metadata: RowMetadata } {
    const hundredth = this.#hundredth();
    return { vector: this.#next(), metadata: { tenth: hundredth % 10, hundredth } };
  }
}
