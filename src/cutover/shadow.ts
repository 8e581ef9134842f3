import { isDeepStrictEqual } from "node:util";
import type { Match } from "../store/document.ts";

/** A question that both stores answered. Never holds its text. */
export interface ShadowComparison {
  /**
   * Share of the user's matches that the other store found too, 0 to 1; `undefined` after an error, or if neither store
   * found a match.
   */
  readonly overlap: number | undefined;
  /** Whether both have the same best match; `undefined` after an error. */
  readonly isSameFirst: boolean | undefined;
  /**
   * Ids of matches that both found with different texts or metadata, or of all if one store found none: a write may be on
   * its way, or one was altered, or a store was emptied.
   */
  readonly differing: readonly string[];
  readonly namespace: string;
  /** Milliseconds of the store that answered, and of the other one. */
  readonly servedMs: number;
  readonly shadowMs: number;
  /** Why the other store did not answer. */
  readonly error: Error | undefined;
}

export interface ShadowOptions {
  /** Share of the questions, 0 to 1. */
  readonly sampling: number;
  /** Most at a time; more are left out. Default 4. */
  readonly concurrency?: number;
  readonly onComparison: (comparison: ShadowComparison) => void;
  /** A number from 0 to below 1. Default `Math.random`. */
  readonly random?: () => number;
}

/** What a user got. */
export interface ServedMatches {
  readonly namespace: string;
  readonly matches: readonly Match[];
  readonly servedMs: number;
}

const defaultConcurrency = 4;

/** Asks the other store the same question, after the user has the answer: it cannot slow down or fail a request. */
export class ShadowReads {
  readonly #options: ShadowOptions;
  readonly #running = new Set<Promise<void>>();
  /** Questions that were left out because too many were running. */
  leftOut = 0;

  constructor(options: ShadowOptions) {
    this.#options = options;
  }

  /** @param ask asks the other store */
  offer(served: ServedMatches, ask: () => Promise<Match[]>): void {
    const { sampling, concurrency = defaultConcurrency, random = Math.random } = this.#options;
    if (random() >= sampling) return;
    if (this.#running.size >= concurrency) {
      this.leftOut++;
      return;
    }
    const running: Promise<void> = this.#compare(served, ask).finally(() => {
      this.#running.delete(running);
    });
    this.#running.add(running);
  }

  async #compare({ matches: served, ...about }: ServedMatches, ask: () => Promise<Match[]>): Promise<void> {
    // The answer goes out first.
    await new Promise((resolve) => setImmediate(resolve));
    const started = performance.now();
    let matches: Match[] | undefined;
    let error: Error | undefined;
    try {
      matches = await ask();
    } catch (fault) {
      error = fault as Error;
    }
    try {
      this.#options.onComparison({
        ...about,
        overlap: matches && overlapOf(served, matches),
        isSameFirst: matches && served[0]?.id === matches[0]?.id,
        differing: matches ? differingOf(served, matches) : [],
        shadowMs: performance.now() - started,
        error,
      });
    } catch {
      // A listener's fault is not the reader's.
    }
  }

  /** Waits for the questions that are running. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }
}

function differingOf(served: readonly Match[], others: readonly Match[]): string[] {
  // A store that finds nothing where the other one does may be empty.
  if (served.length === 0 || others.length === 0) return [...served, ...others].map(({ id }) => id);
  const byId = new Map(others.map((match) => [match.id, match]));
  return served
    .filter(({ id, text, metadata }) => {
      const other = byId.get(id);
      return other && (other.text !== text || !isDeepStrictEqual(other.metadata ?? {}, metadata ?? {}));
    })
    .map(({ id }) => id);
}

function overlapOf(served: readonly Match[], others: readonly Match[]): number | undefined {
  if (served.length === 0) return others.length === 0 ? undefined : 0;
  const ids = new Set(others.map(({ id }) => id));
  return served.filter(({ id }) => ids.has(id)).length / served.length;
}
