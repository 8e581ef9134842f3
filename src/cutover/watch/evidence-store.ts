import {
  pruneFigures,
  readEvidence,
  readFigures,
  writeEvidence,
  writeFigures,
} from "../../state/cutover/evidence.ts";
import type { StateDatabase } from "../../state/database.ts";
import { mergeFigures, type PairFigures, type SideFigures } from "./figures.ts";
import type { IntegrityEvidence } from "./rules.ts";

/** Milliseconds of one row of figures. */
const bucketMs = 10_000;

/** Milliseconds that count as recent. */
const recentMs = 15_000;

/** Milliseconds that figures are kept: longer than any window. */
const keptMs = 24 * 3_600_000;

/** Milliseconds that a transaction may take; the next look tries again. */
const timeoutMs = 5_000;

/** What gates and rules look at, as all processes of a pair have recorded it. */
export interface Evidence {
  /** Of the window, all processes together. */
  readonly figures: PairFigures;
  /** Of the last 15 s to 25 s. */
  readonly recent: PairFigures;
  readonly baseline: SideFigures | undefined;
  readonly integrity: IntegrityEvidence | undefined;
}

/** Who stopped the advance, and why. */
export interface Pause {
  readonly who: string;
  readonly reason: string;
}

/** Figures and checks of a pair, shared by its processes. */
export class EvidenceStore {
  readonly #state: StateDatabase;
  readonly #pair: string;

  constructor(state: StateDatabase, pair: string) {
    this.#state = state;
    this.#pair = pair;
  }

  /**
   * Adds what a process measured to its row of the present seconds.
   * @throws {StateError}
   */
  async add(process: string, figures: PairFigures): Promise<void> {
    await this.#state.transaction(
      async (session) => {
        const now = await session.now();
        const startMs = Math.floor(now / bucketMs) * bucketMs;
        const name = `${process}:${now}`;
        await writeFigures(session, this.#pair, name, { startMs, figures: JSON.stringify(figures) });
        await pruneFigures(session, this.#pair, now - keptMs);
      },
      { timeoutMs },
    );
  }

  /** @throws {StateError} */
  async read(windowMs: number): Promise<Evidence> {
    return await this.#state.transaction(
      async (session) => {
        const now = await session.now();
        const rows = await readFigures(session, this.#pair, now - Math.max(windowMs, recentMs));
        const since = (fromMs: number) =>
          mergeFigures(
            rows.flatMap(({ startMs, figures }) => (startMs >= fromMs ? [JSON.parse(figures)] : [])),
          );
        const baseline = await readEvidence(session, this.#pair, "baseline");
        const integrity = await readEvidence(session, this.#pair, "integrity");
        return {
          figures: since(now - windowMs),
          recent: since(now - recentMs),
          baseline: baseline && JSON.parse(baseline.details),
          integrity: integrity && {
            ...JSON.parse(integrity.details),
            at: integrity.at,
            isGood: integrity.isGood,
          },
        };
      },
      { readOnly: true, timeoutMs },
    );
  }

  /** Keeps the figures of the source for the time when it no longer answers. @throws {StateError} */
  async saveBaseline(source: SideFigures): Promise<void> {
    await this.#save("baseline", true, source);
  }

  /** @throws {StateError} */
  async saveIntegrity({ isGood, ...details }: Omit<IntegrityEvidence, "at">): Promise<void> {
    await this.#save("integrity", isGood, details);
  }

  /** `undefined` if nobody has paused the cutover. @throws {StateError} */
  async pause(): Promise<Pause | undefined> {
    const found = await this.#state.transaction((session) => readEvidence(session, this.#pair, "pause"), {
      readOnly: true,
      timeoutMs,
    });
    return found && !found.isGood ? JSON.parse(found.details) : undefined;
  }

  /** @throws {StateError} */
  async savePause({ isPaused, ...pause }: Pause & { readonly isPaused: boolean }): Promise<void> {
    await this.#save("pause", !isPaused, pause);
  }

  async #save(kind: string, isGood: boolean, details: object): Promise<void> {
    await this.#state.transaction(
      async (session) => {
        const evidence = { kind, at: await session.now(), isGood, details: JSON.stringify(details) };
        await writeEvidence(session, this.#pair, evidence);
      },
      { timeoutMs },
    );
  }
}
