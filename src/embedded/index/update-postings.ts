import { bm25, documentVector } from "../../embedding/bm25.ts";
import type { SparseEmbedder } from "../../embedding/embedder.ts";
import { tokenizerVersion } from "../../embedding/tokenizer.ts";
import { tokenizeByVersion1 } from "../../embedding/tokenizer-version-1.ts";
import { StorageError } from "../../foundation/errors.ts";
import type { StoredSettings } from "../storage/catalog.ts";
import type { NamespaceWriter } from "../storage/namespace-writer.ts";
import type { StoredRecord } from "../storage/record.ts";
import type { Storage } from "../storage/storage.ts";
import { type PackedSparseVector, packSparse } from "../storage/vectors.ts";

/** Records and characters of text that are read, and written in one transaction. */
const recordsPerStep = 1_000;
const charactersPerStep = 4 * 2 ** 20;

/**
 * Makes the sparse vectors of texts again if another version of the tokenizer made them. Vectors that a
 * caller brought stay as they are: only one that equals the old tokenizer's is replaced. An index that is
 * opened read-only keeps its old ones; its texts are then found by words that both versions read alike.
 */
export function updatePostings(storage: Storage, stored: StoredSettings, embedder: SparseEmbedder): void {
  const isCurrent = (stored.tokenizerVersion ?? 1) >= tokenizerVersion;
  if (isCurrent || storage.isReadOnly || stored.sparseEmbeddingModel === "" || embedder !== bm25) return;
  try {
    for (const { name } of storage.listNamespaces()) updateNamespace(storage, name);
    storage.writeTokenizerVersion(tokenizerVersion);
  } catch (error) {
    // A damaged record must not keep the others from being served; the next start tries again.
    if (!(error instanceof StorageError)) throw error;
  }
}

function updateNamespace(storage: Storage, name: string): void {
  let after: number | undefined = 0;
  while (after !== undefined) {
    const from: number = after;
    after = storage.change(name, (writer) => updateStep(storage, writer, from));
  }
}

/** @returns the position that the next step starts after; `undefined` at the end */
function updateStep(storage: Storage, writer: NamespaceWriter, after: number): number | undefined {
  const records: StoredRecord[] = [];
  let last: number | undefined;
  let characters = 0;
  const parts = { metadata: true, data: true, vectors: true };
  for (const { position, record } of storage.readPage(writer.namespace, after, recordsPerStep, "", parts)) {
    records.push(record);
    last = position;
    characters += record.data?.length ?? 0;
    if (characters > charactersPerStep) break;
  }
  for (const record of records) {
    const { data, sparse } = record;
    if (data === undefined || sparse === undefined) continue;
    if (!isSame(sparse, packSparse(documentVector(tokenizeByVersion1(data))))) continue;
    const current = packSparse(bm25.embed(data, "document"));
    if (!isSame(sparse, current)) writer.put({ ...record, sparse: current });
  }
  return last;
}

function isSame(left: PackedSparseVector, right: PackedSparseVector): boolean {
  return (
    left.indices.length === right.indices.length &&
    left.indices.every((index, place) => index === right.indices[place]) &&
    left.values.every((value, place) => value === right.values[place])
  );
}
