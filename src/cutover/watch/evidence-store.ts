import {
  pruneFigures,
  readEvidence,
  readFigures,
  writeEvidence,
  writeFigures,
} from "../../state/cutover/evidence.ts";
import type { RecordKey } from "../../state/cutover/rows.ts";
import { SqlCutoverRows } from "../../state/cutover/sql-rows.ts";
import type { StateDatabase, StateSession } from "../../state/database.ts";
import type { Author } from "../rules/change.ts";
import { noteInHistory } from "../rules/history.ts";
import { mergeFigures, type PairFigures, type SideFigures } from "./figures.ts";
import type { IntegrityEvidence } from "./rules.ts";

/** Milliseconds that count as recent. */
const recentMs = 15_000;

/** Milliseconds that figures are kept: longer than any window. */
const keptMs = 24 * 3_600_000;

/** Milliseconds that a transaction may take; the next look tries again. */
const timeoutMs = 5_000;

/** Records that differ, by name. */
const mostListed = 20;

/** What gates and rules look at, as all processes of a pair have recorded it. */
export interface Evidence {
  /** Of the window, all processes together. */
  readonly figures: PairFigures;
  /** Of the last 15 s. */
  readonly recent: PairFigures;
  readonly baseline: SideFigures | undefined;
  readonly integrity: IntegrityEvidence | undefined;
}

/** What a comparison of the stores has found. */
export interface ComparisonResult {
  /** Records that were compared. */
  readonly checked: number;
  /** Records of the leader. */
  readonly total: number;
  readonly differences: number;
  readonly listed: readonly RecordKey[];
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
  #added = 0;

  constructor(state: StateDatabase, pair: string) {
    this.#state = state;
    this.#pair = pair;
  }

  /** Adds what a process has measured until now. @throws {StateError} */
  async add(process: string, figures: PairFigures): Promise<void> {
    const name = `${process}:${this.#added++}`;
    await this.#state.transaction(
      async (session) => {
        const now = await session.now();
        await writeFigures(session, this.#pair, name, { endMs: now, figures: JSON.stringify(figures) });
        await pruneFigures(session, this.#pair, now - keptMs);
      },
      { timeoutMs },
    );
  }

  /**
   * @param notBefore epoch milliseconds, the start of the cutover: what an earlier one has shown does not count
   * @throws {StateError}
   */
  async read(windowMs: number, notBefore = 0): Promise<Evidence> {
    return await this.#state.transaction(
      async (session) => {
        const now = await session.now();
        const rows = await readFigures(
          session,
          this.#pair,
          Math.max(notBefore, now - Math.max(windowMs, recentMs)),
        );
        const since = (fromMs: number) =>
          mergeFigures(rows.flatMap(({ endMs, figures }) => (endMs >= fromMs ? [JSON.parse(figures)] : [])));
        const baseline = await readEvidence(session, this.#pair, "baseline");
        const integrity = await readEvidence(session, this.#pair, "integrity");
        return {
          figures: since(now - windowMs),
          recent: since(now - recentMs),
          baseline: baseline && JSON.parse(baseline.details),
          integrity:
            integrity && integrity.at >= notBefore
              ? { ...JSON.parse(integrity.details), at: integrity.at, isGood: integrity.isGood }
              : undefined,
        };
      },
      { readOnly: true, timeoutMs },
    );
  }

  /** Keeps the figures of the source for the time when it no longer answers. @throws {StateError} */
  async saveBaseline(source: SideFigures): Promise<void> {
    await this.#save("baseline", true, source);
  }

  /** Keeps the result of a comparison of the stores. @throws {StateError} */
  async saveIntegrity({ checked, total, differences, listed }: ComparisonResult): Promise<void> {
    const differing = listed.slice(0, mostListed).map(({ namespace, id }) => ({ namespace, id }));
    await this.#save("integrity", differences === 0, { checked, total, differences, differing });
  }

  /** `undefined` if nobody has paused the cutover. @throws {StateError} */
  async pause(): Promise<Pause | undefined> {
    const found = await this.#state.transaction((session) => readEvidence(session, this.#pair, "pause"), {
      readOnly: true,
      timeoutMs,
    });
    return found && !found.isGood ? JSON.parse(found.details) : undefined;
  }

  /** With its line in the history. @throws {StateError} */
  async savePause(isPaused: boolean, { who, reason = "" }: Author): Promise<void> {
    await this.#state.transaction(
      async (session) => {
        await this.#write(session, "pause", !isPaused, { who, reason });
        const rows = new SqlCutoverRows(session, this.#pair);
        await noteInHistory(rows, isPaused ? "pause" : "resume", { who, reason });
      },
      { timeoutMs },
    );
  }

  async #save(kind: string, isGood: boolean, details: object): Promise<void> {
    await this.#state.transaction((session) => this.#write(session, kind, isGood, details), { timeoutMs });
  }

  async #write(session: StateSession, kind: string, isGood: boolean, details: object): Promise<void> {
    const evidence = { kind, at: await session.now(), isGood, details: JSON.stringify(details) };
    await writeEvidence(session, this.#pair, evidence);
  }
}
