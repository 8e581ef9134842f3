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

export interface UsearchSettings {
  /** What the index stores of a vector; its own default is `f32`. */
  readonly quantization: "f32" | "i8";
  /** Candidates that a search keeps, and that a row looks at when it is added; 0: the defaults. */
  readonly expansion: number;
}

const stored = { f32: "float32 vectors, its default", i8: "int8 codes" } as const;

export function usearchOf(settings: UsearchSettings): LoadRival {
  return async (rivalsDirectory) => {
    const require = createRequire(join(rivalsDirectory, "package.json"));
    const module = require("usearch") as UsearchModule;
    return {
      note: `HNSW over ${stored[settings.quantization]}; expansion ${settings.expansion === 0 ? "by default" : `${settings.expansion} in adding and searching`}; not durable: one file, written at the end (its seconds count as building); neither metadata nor filters`,
      filters: false,
      open: async (options) => open(options, settings, module),
    };
  };
}

function open(
  { directory, dimension, topK }: OpenOptions,
  { quantization, expansion }: UsearchSettings,
  { Index }: UsearchModule,
): OpenRival {
  const file = join(directory, "index.usearch");
  const index = new Index({
    dimensions: dimension,
    metric: "cos",
    quantization,
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
