import type { Embedding } from "../target.ts";

export interface TimeEstimate {
  readonly seconds: number;
  readonly recordsPerSecond: number;
  readonly basis: "assumed" | "stated" | "measured";
}

/**
 * Assumed seconds for the write of one batch over the internet; embedding by the service takes longer. Used until a
 * rate is measured or stated. A guess for planning, not a promise of the service.
 */
const assumedSeconds: Readonly<Record<Embedding, number>> = { carried: 0.5, target: 2 };

export function timeOf(options: {
  readonly recordCount: number;
  readonly batchSize: number;
  readonly concurrency: number;
  readonly embedding: Embedding;
  readonly rate: { readonly recordsPerSecond: number; readonly basis: "stated" | "measured" } | undefined;
}): TimeEstimate {
  const { recordCount, batchSize, concurrency, embedding, rate } = options;
  const assumed = (batchSize * concurrency) / assumedSeconds[embedding];
  const { recordsPerSecond, basis } = rate ?? { recordsPerSecond: assumed, basis: "assumed" };
  return { seconds: recordCount / recordsPerSecond, recordsPerSecond, basis };
}
