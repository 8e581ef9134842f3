import { NotFoundError, StorageError } from "../../foundation/errors.ts";
import { pause } from "../../foundation/pause.ts";
import type { CallOptions, StoreInfo, VectorStore } from "../../store/store.ts";
import { DriftError } from "./drift-error.ts";
import type { DriftProbe } from "./probe.ts";

/** The namespace of the pinned texts; nothing else reads or writes it. */
export const driftNamespace = "ragfood-drift";

export interface IndexProbeOptions {
  readonly store: VectorStore;
  /** Names the index over time: its address. */
  readonly place: string;
  readonly info: Pick<StoreInfo, "type" | "similarityFunction">;
  /** How often and how long to wait until the service has indexed the texts, in milliseconds. Default 500 and 30,000. */
  readonly indexing?: { readonly eachMs: number; readonly longestMs: number };
}

/**
 * Checks a model that an index embeds with. The texts are written once, into a namespace of their own, as raw text. A
 * query by the same text then scores the vector that the model makes now against those that it made then: the scores
 * are a fingerprint of the model. Nothing is written again, and 12 queries are billed for a check.
 */
export function indexProbe({ store, place, info, indexing }: IndexProbeOptions): DriftProbe {
  const { eachMs, longestMs } = indexing ?? { eachMs: 500, longestMs: 30_000 };
  const scoresOf = async (text: string, count: number, call: CallOptions) => {
    const part = info.type === "HYBRID" ? { part: "dense" as const } : {};
    const query = { text, topK: count, ...part };
    const matches = await store.query(query, { namespace: driftNamespace, ...call });
    return new Map(matches.map(({ id, score }) => [id, score]));
  };
  return {
    subject: `${store.name} ${place}`,
    requests: 12,
    model: async (call) => (await store.info(call)).embeddingModel,
    record: async (texts, call) => {
      const documents = texts.map((text, number) => ({ id: idOf(number), text, metadata: {} }));
      // Otherwise former vectors of the same ids would be found until the new ones are indexed.
      await store.deleteNamespace(driftNamespace, call).catch(ignoreMissing);
      await store.upsert(documents, { namespace: driftNamespace, ...call });
      const end = performance.now() + longestMs;
      while ((await scoresOf(texts[0] ?? "", texts.length, call)).size < texts.length) {
        if (performance.now() > end) throw notIndexed(place);
        await pause(eachMs, call.signal);
      }
      return undefined;
    },
    similarities: async (texts, _reference, call) => {
      const rows: number[][] = [];
      for (const text of texts) {
        const scores = await scoresOf(text, texts.length, call);
        const missing = texts.findIndex((_, number) => !scores.has(idOf(number)));
        if (missing >= 0) throw new DriftError(`The index no longer finds the pinned text ${idOf(missing)}.`);
        rows.push(texts.map((_, number) => similarityOf(scores.get(idOf(number)) as number, info)));
      }
      return rows;
    },
  };
}

/** @throws any other error */
function ignoreMissing(error: unknown): void {
  if (!(error instanceof NotFoundError)) throw error;
}

function idOf(number: number): string {
  return `pinned-${number + 1}`;
}

/** Upstash scores a cosine, or a product, c as (1 + c) / 2; distances stay as they are scored. */
function similarityOf(score: number, { similarityFunction }: IndexProbeOptions["info"]): number {
  return similarityFunction === "EUCLIDEAN" ? score : 2 * score - 1;
}

function notIndexed(place: string): StorageError {
  return new StorageError(place, "The index did not find the pinned texts within 30 s of their writing.", {
    hint: "Try again later: ragfood drift --reset",
  });
}
