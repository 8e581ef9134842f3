import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { LoadRival, OpenOptions, OpenRival, Row } from "./rival.ts";

interface UsearchIndex {
  add(keys: BigUint64Array, vectors: Float32Array, threads?: number): void;
  remove(key: bigint): void;
  search(vector: Float32Array, count: number, threads: number): { readonly keys: BigUint64Array };
  save(path: string): void;
  load(path: string): void;
}

interface UsearchModule {
  readonly Index: new (settings: {
    dimensions: number;
    metric: string;
    quantization: string;
    connectivity: number;
    expansion_add: number;
    expansion_search: number;
    multi: boolean;
  }) => UsearchIndex;
}

/** @param expansion candidates that a search keeps, and that a row looks at when it is added; 0: the defaults */
export function usearchOf(expansion: number): LoadRival {
  return async (rivalsDirectory) => {
    const require = createRequire(join(rivalsDirectory, "package.json"));
    const module = require("usearch") as UsearchModule;
    return {
      note: `HNSW over int8, ${expansion === 0 ? "its own defaults" : `expansion ${expansion} in adding and searching`}; not durable: one file, written at the end (its seconds count as building); neither metadata nor filters`,
      filters: false,
      open: async (options) => open(options, expansion, module),
    };
  };
}

function open(
  { directory, dimension, topK }: OpenOptions,
  expansion: number,
  { Index }: UsearchModule,
): OpenRival {
  const file = join(directory, "index.usearch");
  const index = new Index({
    dimensions: dimension,
    metric: "cos",
    quantization: "i8",
    connectivity: 0,
    expansion_add: expansion,
    expansion_search: expansion,
    multi: false,
  });
  if (existsSync(file)) index.load(file);
  return {
    ingest: async (rows) => add(index, rows, dimension),
    build: async () => index.save(file),
    query: async (vector) => Array.from(index.search(vector, topK, 1).keys, Number),
    upsert: async (row) => {
      index.remove(BigInt(row.row));
      add(index, [row], dimension);
    },
    close: async () => {},
  };
}

function add(index: UsearchIndex, rows: readonly Row[], dimension: number): void {
  const vectors = new Float32Array(rows.length * dimension);
  for (const [place, { vector }] of rows.entries()) vectors.set(vector, place * dimension);
  index.add(
    BigUint64Array.from(rows, ({ row }) => BigInt(row)),
    vectors,
  );
}
