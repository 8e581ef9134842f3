import { readFileSync } from "node:fs";
import { embedWeighted, type WeightedText } from "../../embedding/bm25.ts";
import type { SparseVector } from "../../embedding/embedder.ts";
import { tokenize } from "../../embedding/tokenizer.ts";
import { replaceFile } from "../../foundation/durable-file.ts";
import type { Document } from "../../store/document.ts";
import { textsOfRole } from "../catalog/roles.ts";
import type { FieldRole } from "../vocabulary/vocabulary.ts";

/**
 * How many times a word in a field counts as one in the text. Chosen on the tune split of the golden questions and
 * not on NFCorpus, whose only field is the title (a name).
 */
const weights: readonly (readonly [role: FieldRole, weight: number])[] = [
  ["name", 3],
  ["type", 1],
  ["region", 1],
  ["continent", 1],
  ["ingredients", 0.5],
  ["occasion", 1],
  ["meal", 0.5],
  ["diet", 0.5],
  ["season", 0.5],
];

/** Default number of terms in a text. */
const usualLength = 60;

/** Makes the sparse vectors of documents: their texts, and their fields with weights (BM25F). */
export class FieldIndexer {
  readonly #path: string | undefined;
  #averages: Map<string, number> | undefined;

  /** @param path where the average length of each namespace's texts is kept. Default: only in memory */
  constructor(path?: string) {
    this.#path = path;
  }

  /**
   * One vector a document. The first documents of a namespace decide on the average length for all that follow, so
   * that a document's vector does not depend on when it is written.
   */
  vectorsFor(documents: readonly Document[], namespace: string): SparseVector[] {
    const average = this.#averageOf(documents, namespace);
    return documents.map((document) => embedWeighted(partsOf(document), average));
  }

  #averageOf(documents: readonly Document[], namespace: string): number {
    this.#averages ??= this.#read();
    const known = this.#averages.get(namespace);
    if (known !== undefined) return known;
    const terms = documents.reduce((sum, { text }) => sum + tokenize(text).length, 0);
    const average = documents.length === 0 ? usualLength : Math.max(1, Math.round(terms / documents.length));
    this.#averages.set(namespace, average);
    this.#write();
    return average;
  }

  #read(): Map<string, number> {
    try {
      const averages: unknown = this.#path === undefined ? {} : JSON.parse(readFileSync(this.#path, "utf8"));
      const isAverage = (entry: [string, unknown]): entry is [string, number] => Number(entry[1]) > 0;
      return new Map(Object.entries(averages ?? {}).filter(isAverage));
    } catch {
      // The next documents decide again; the average only scales how much length counts.
      return new Map();
    }
  }

  #write(): void {
    if (this.#path === undefined) return;
    replaceFile(this.#path, `${JSON.stringify(Object.fromEntries(this.#averages ?? []))}\n`);
  }
}

function partsOf({ text, metadata }: Document): WeightedText[] {
  const fields = weights.flatMap(([role, weight]): WeightedText[] => {
    const values = textsOfRole(metadata, role);
    return values === undefined ? [] : [{ text: values.join("\n"), weight, isNormalized: false }];
  });
  return [{ text, weight: 1, isNormalized: true }, ...fields];
}
