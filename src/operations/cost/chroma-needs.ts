import type { Holding } from "../../pricing/plan-cost.ts";
import { bytesPerGigabyte, type ChromaPrices } from "../../pricing/prices.ts";

/** The machine that serves the same data with Chroma. */
export interface ChromaNeeds {
  /** Gigabytes of memory, with what the system itself takes. */
  readonly memoryGigabytes: number;
  /** Gigabytes on disk. */
  readonly diskGigabytes: number;
  /** The smallest machine of the price list with that memory; `undefined` if all are too small. */
  readonly machine: string | undefined;
  /** US dollars a month. */
  readonly month: number | undefined;
}

/**
 * Chroma keeps its vectors in memory: its makers measured 245,000 records of 1,024 dimensions a gigabyte, and ask for
 * a gigabyte more for the system. On disk they ask for as much as in memory, and texts and metadata come on top
 * (docs.trychroma.com/guides/performance/single-node).
 */
export function chromaNeeds(
  prices: ChromaPrices,
  { recordCount, dimension, contentBytes }: Holding,
): ChromaNeeds {
  const vectorGigabytes = (recordCount * dimension) / prices.componentsPerGigabyte;
  const memoryGigabytes = vectorGigabytes + prices.systemGigabytes;
  const machine = prices.machines.find((one) => one.memoryGigabytes >= memoryGigabytes);
  return {
    memoryGigabytes,
    diskGigabytes: memoryGigabytes + (contentBytes / bytesPerGigabyte) * prices.diskPerContent,
    machine: machine?.name,
    month: machine?.month,
  };
}
