import {
  pruneFigures,
  readEvidence,
  readFigures,
  writeEvidence,
  writeFigures,
} from "../../state/cutover/evidence.ts";
import { SqlCutoverRows } from "../../state/cutover/sql-rows.ts";
import type { StateDatabase, StateSession } from "../../state/database.ts";
import { laterChanges } from "../history-text.ts";
import type { Author } from "../rules/change.ts";
import { noteInHistory } from "../rules/history.ts";
import { mergeFigures, type PairFigures, type SideFigures } from "./figures.ts";
import { type ComparisonResult, evidenceAfter, type IntegrityEvidence, type Unkept } from "./integrity.ts";

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
  /** Of the last 15 s. */
  readonly recent: PairFigures;
  readonly baseline: SideFigures | undefined;
  readonly integrity: IntegrityEvidence | undefined;
}

/** The cutover that evidence is about: what an earlier one has shown does not count. */
export interface EvidenceScope {
  /** When it began; epoch milliseconds. */
  readonly startedAt: number;
  readonly startEpoch: number;
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

  /** @throws {StateError} */
  async read(windowMs: number, { startedAt, startEpoch }: EvidenceScope): Promise<Evidence> {
    return await this.#state.transaction(
      async (session) => {
        const now = await session.now();
        const rows = await readFigures(
          session,
          this.#pair,
          Math.max(startedAt, now - Math.max(windowMs, recentMs)),
        );
        const since = (fromMs: number) =>
          mergeFigures(rows.flatMap(({ endMs, figures }) => (endMs >= fromMs ? [JSON.parse(figures)] : [])));
        const baseline = await readEvidence(session, this.#pair, "baseline");
        const integrity = await this.#readIntegrity(session);
        return {
          figures: since(now - windowMs),
          recent: since(now - recentMs),
          baseline: baseline && baseline.at >= startedAt ? JSON.parse(baseline.details) : undefined,
          integrity: integrity?.startEpoch === startEpoch ? integrity : undefined,
        };
      },
      { readOnly: true, timeoutMs },
    );
  }

  async #readIntegrity(session: StateSession): Promise<IntegrityEvidence | undefined> {
    const found = await readEvidence(session, this.#pair, "integrity");
    return found && { ...JSON.parse(found.details), at: found.at, isGood: found.isGood };
  }

  /** Keeps the figures of the source for the time when it no longer answers. @throws {StateError} */
  async saveBaseline(source: SideFigures): Promise<void> {
    await this.#save("baseline", true, source);
  }

  /**
   * Keeps the result of a comparison of the stores, unless what is kept says more.
   *
   * @param considered what was kept when the comparison began
   * @param integrityMs milliseconds that a comparison counts
   * @returns why it was not kept
   * @throws {StateError}
   */
  async saveIntegrity(
    found: ComparisonResult,
    considered: IntegrityEvidence | undefined,
    integrityMs: number,
  ): Promise<Unkept | undefined> {
    return await this.#state.transaction(
      async (session) => {
        const { startEpoch } = await new SqlCutoverRows(session, this.#pair).control();
        const current = await this.#readIntegrity(session);
        const now = await session.now();
        const next = evidenceAfter(found, { startEpoch, current, considered, now, integrityMs });
        if (typeof next === "string") return next;
        const { at: _, isGood, ...details } = next;
        await this.#write(session, "integrity", isGood, details);
        return undefined;
      },
      // Two comparisons that end together are weighed one after the other.
      { timeoutMs, lockTable: "cutover_evidence" },
    );
  }

  /** `undefined` if nobody has paused the cutover. @throws {StateError} */
  async pause(): Promise<Pause | undefined> {
    return await this.#state.transaction((session) => this.#pauseIn(session), { readOnly: true, timeoutMs });
  }

  /**
   * Sets or ends a pause, with its line in the history. It begins an epoch, so that a change that was decided before
   * comes too late.
   *
   * @param seen the epoch that the author saw. Default: the present one
   * @returns the pause as it was before: nothing is changed if it was so already; or which change came first
   * @throws {StateError}
   */
  async savePause(
    isPaused: boolean,
    { who, reason = "" }: Author,
    seen?: number,
  ): Promise<{ readonly before?: Pause | undefined; readonly later?: string }> {
    return await this.#state.transaction(
      async (session) => {
        const rows = new SqlCutoverRows(session, this.#pair);
        const control = await rows.control();
        const later = await laterChanges(control, seen, (limit) => rows.history(limit));
        if (later !== undefined) return { later };
        const before = await this.#pauseIn(session);
        if ((before !== undefined) === isPaused) return { before };
        await this.#write(session, "pause", !isPaused, { who, reason });
        // Stage and leader stay: what was confirmed of the epoch before holds for this one.
        await rows.saveControl({ ...control, epoch: control.epoch + 1 });
        await noteInHistory(rows, isPaused ? "pause" : "resume", { who, reason });
        return { before };
      },
      { timeoutMs, lockTable: "cutover_control" },
    );
  }

  async #pauseIn(session: StateSession): Promise<Pause | undefined> {
    const found = await readEvidence(session, this.#pair, "pause");
    return found && !found.isGood ? JSON.parse(found.details) : undefined;
  }

  async #save(kind: string, isGood: boolean, details: object): Promise<void> {
    await this.#state.transaction((session) => this.#write(session, kind, isGood, details), { timeoutMs });
  }

  async #write(session: StateSession, kind: string, isGood: boolean, details: object): Promise<void> {
    const evidence = { kind, at: await session.now(), isGood, details: JSON.stringify(details) };
    await writeEvidence(session, this.#pair, evidence);
  }
}
