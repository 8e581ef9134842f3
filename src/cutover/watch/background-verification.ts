import { randomUUID } from "node:crypto";
import {
  readVerification,
  type VerificationProgress,
  writeVerification,
} from "../../state/cutover/verification.ts";
import { type VerifiedPair, verifyStores } from "./verify-stores.ts";

export interface BackgroundVerificationOptions extends Omit<VerifiedPair, "stores"> {
  readonly stores: () => VerifiedPair["stores"];
  /** Milliseconds between two reports of the progress. Default 2,000. */
  readonly reportMs?: number;
}

const defaultReportMs = 2_000;

const transactionTimeoutMs = 5_000;

/**
 * Compares both stores in a process that serves, one comparison at a time among all processes. Its progress is in the
 * state store: whichever process is asked knows it.
 */
export class BackgroundVerification {
  readonly #options: BackgroundVerificationOptions;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: BackgroundVerificationOptions) {
    this.#options = options;
  }

  /** The last one; `undefined` before the first. @throws {StateError} */
  async progress(): Promise<VerificationProgress | undefined> {
    const { state, pair } = this.#options;
    return await state.transaction((session) => readVerification(session, pair), {
      readOnly: true,
      timeoutMs: transactionTimeoutMs,
    });
  }

  /**
   * Begins a comparison, which goes on after this.
   *
   * @param size records to compare; `Infinity` for all
   * @returns the one that runs already, and nothing was begun
   * @throws {StateError}
   */
  async begin(who: string, size: number): Promise<VerificationProgress | undefined> {
    const { state, pair } = this.#options;
    const begun = await state.transaction(
      async (session) => {
        const last = await readVerification(session, pair);
        if (last?.state === "running") return { other: last };
        const nothing = { checked: 0, total: 0, differences: 0, problem: undefined };
        const own: VerificationProgress = {
          id: randomUUID(),
          state: "running",
          who,
          beganAt: await session.now(),
          ...nothing,
        };
        await writeVerification(session, pair, own);
        return { own };
      },
      { timeoutMs: transactionTimeoutMs, lockTable: "cutover_evidence" },
    );
    if (begun.other) return begun.other;
    this.#running = this.#run(begun.own, size);
    return undefined;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(own: VerificationProgress, size: number): Promise<void> {
    const { stores, reportMs = defaultReportMs } = this.#options;
    const { signal } = this.#stopping;
    let progress = own;
    // Also while a page takes long: the process is alive.
    const reporting = setInterval(() => void this.#report(progress), reportMs);
    reporting.unref();
    try {
      const { checked, differences, countsNotBecause } = await verifyStores(
        { ...this.#options, stores: stores() },
        {
          size,
          signal,
          onProgress: (checked, total) => {
            progress = { ...progress, checked, total };
          },
        },
      );
      progress = { ...progress, state: "done", checked, differences, problem: countsNotBecause };
    } catch (error) {
      const problem = signal.aborted ? undefined : (error as Error).message;
      progress = { ...progress, state: signal.aborted ? "interrupted" : "failed", problem };
    } finally {
      clearInterval(reporting);
    }
    await this.#report(progress);
  }

  /** A report that is lost is made up for by the next one; without the last one, the comparison counts as interrupted. */
  async #report(progress: VerificationProgress): Promise<void> {
    const { state, pair } = this.#options;
    await state
      .transaction((session) => writeVerification(session, pair, progress), {
        timeoutMs: transactionTimeoutMs,
      })
      .catch(() => {});
  }
}
