import type { StateSession } from "../database.ts";
import { readEvidence, writeEvidence } from "./evidence.ts";

/** A comparison of both stores that a process makes in the background, as every process sees it. */
export interface VerificationProgress {
  readonly id: string;
  /**
   * - `done`: it compared what it was asked to; `differences` says with which result
   * - `failed`: a store or the state store could not be read
   * - `interrupted`: its process ended before it
   */
  readonly state: "running" | "done" | "failed" | "interrupted";
  readonly who: string;
  /** Epoch milliseconds by the state store's clock. */
  readonly beganAt: number;
  /** Records compared so far, and records to compare; 0 until they are counted. */
  readonly checked: number;
  readonly total: number;
  readonly differences: number;
  /** Why it failed, or why it does not count for the gates: a sentence. */
  readonly problem: string | undefined;
}

/** A running one that was not heard of for so many milliseconds has ended with its process. */
const lostAfterMs = 30_000;

const kind = "verification";

/** The last one; `undefined` before the first. */
export async function readVerification(
  session: StateSession,
  pair: string,
): Promise<VerificationProgress | undefined> {
  const found = await readEvidence(session, pair, kind);
  if (found === undefined) return undefined;
  const progress: VerificationProgress = { problem: undefined, ...JSON.parse(found.details) };
  const isLost = progress.state === "running" && (await session.now()) - found.at > lostAfterMs;
  return isLost ? { ...progress, state: "interrupted" } : progress;
}

export async function writeVerification(
  session: StateSession,
  pair: string,
  progress: VerificationProgress,
): Promise<void> {
  await writeEvidence(session, pair, {
    kind,
    at: await session.now(),
    isGood: progress.state === "done" && progress.differences === 0,
    details: JSON.stringify(progress),
  });
}
