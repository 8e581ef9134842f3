import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ChromaVersion } from "../../../bench/migration/chroma-schema.ts";
import {
  ChromaStore,
  type CollectionOptions,
  type StoreChange,
  type StoreCollection,
} from "../../../bench/migration/chroma-store.ts";
import {
  ChromaDirectory,
  type ChromaDirectoryOptions,
  type ChromaDirectorySource,
} from "../../../src/migration/chroma-directory/index.ts";
import type { RecordsOptions } from "../../../src/migration/source.ts";
import type { StoreRecord } from "../../../src/store/document.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";

/** A vector of few digits, the same for the same number. */
export function vectorOf(number: number, dimension = 4): Float32Array {
  return Float32Array.from({ length: dimension }, (_, place) => ((number * 7 + place * 3) % 11) + 0.5);
}

export function recordOf(number: number): StoreChange {
  return {
    id: `food-${number}`,
    text: `The food number ${number}, cooked slowly.`,
    metadata: {
      region: number % 2 === 0 ? "India" : "Japan",
      calories: number * 10,
      share: number + 0.25,
      raw: true,
    },
    vector: vectorOf(number),
  };
}

/** Writes a directory with one collection, of which `fill` decides. @returns its path */
export function makeStore(
  version: ChromaVersion,
  fill: (collection: StoreCollection, store: ChromaStore) => void,
  options: Partial<CollectionOptions> = {},
): string {
  const store = new ChromaStore(join(temporaryDirectory(), "chroma_db"), version);
  fill(store.collection({ name: "foods", dimension: 4, ...options }), store);
  store.close();
  return store.path;
}

/** Ten records, of which the first seven lie in the HNSW files. */
export function smallStore(version: ChromaVersion, options: Partial<CollectionOptions> = {}): string {
  return makeStore(
    version,
    (collection) => {
      for (let number = 0; number < 7; number++) collection.apply("add", recordOf(number));
      collection.sync();
      for (let number = 7; number < 10; number++) collection.apply("add", recordOf(number));
    },
    options,
  );
}

/** The directory of a store's HNSW files. */
export function segmentOf(path: string): string {
  const found = readdirSync(path).find((name) => name.includes("-"));
  if (found === undefined) throw new Error(`${path} has no HNSW files`);
  return join(path, found);
}

/** All records of a collection. */
export async function readAll(
  path: string,
  options: ChromaDirectoryOptions & RecordsOptions = {},
  name = "foods",
): Promise<{ records: StoreRecord[]; source: ChromaDirectorySource }> {
  const directory = ChromaDirectory.open(path, options);
  try {
    const source = directory.source(directory.collection(name));
    const records: StoreRecord[] = [];
    for await (const batch of source.records(options)) records.push(...batch);
    return { records, source };
  } finally {
    directory.close();
  }
}

/** Every file below a directory, with its content's hash, its size and its times. */
export function stateOf(path: string): Record<string, string> {
  const state: Record<string, string> = {};
  for (const name of readdirSync(path, { recursive: true, encoding: "utf8" }).sort()) {
    const file = join(path, name);
    const found = statSync(file, { bigint: true });
    const content = found.isFile()
      ? createHash("sha256").update(readFileSync(file)).digest("hex")
      : "directory";
    state[name] = `${content} ${found.size} ${found.mtimeNs} ${found.ctimeNs}`;
  }
  const own = statSync(path, { bigint: true });
  return { ...state, ".": `${own.mtimeNs} ${own.ctimeNs} ${existsSync(path)}` };
}
