import type { Control, CutoverRows, MarkStart } from "../../state/cutover/rows.ts";
import { noteInHistory } from "./history.ts";
import type { Protocol } from "./protocol.ts";

/** What decides where a read goes, as of one transaction. */
export interface Snapshot {
  readonly control: Control;
  /** The state store's time. */
  readonly at: number;
  readonly lastSequence: number;
  /** The first mark that the follower lacks. */
  readonly first: MarkStart | undefined;
  /** The first mark that the leader lacks. */
  readonly firstQueued: MarkStart | undefined;
}

/**
 * Reports that a process lives and which epoch it acts on, and returns the present state.
 * @param epoch the lowest epoch that any of its writes may still act on; `undefined` when it has sent nothing yet
 */
export function beat(
  { transaction, guards, timing }: Protocol,
  process: string,
  epoch: number | undefined,
): Promise<Snapshot> {
  return transaction(async (rows) => {
    const now = await rows.now();
    const control = await rows.control();
    if (epoch === undefined) await forgetKilled(rows, now);
    await rows.saveHeartbeat({
      process,
      epoch: epoch ?? control.epoch,
      expires: now + timing.heartbeatLeaseMs,
    });
    if (control.confirmedAt === undefined && guards.isConfirmed(control, await rows.heartbeats(), now)) {
      await rows.saveControl({ ...control, confirmedAt: now });
    }
    return snapshotOf(rows);
  });
}

/** Milliseconds after its lease for which the heartbeat of a process that was killed is kept. */
const keptMs = 86_400_000;

/** A process that ends in order removes its own; one that begins removes those of processes that were killed. */
async function forgetKilled(rows: CutoverRows, now: number): Promise<void> {
  for (const { process, expires } of await rows.heartbeats()) {
    if (expires < now - keptMs) await rows.removeHeartbeat(process);
  }
}

/** The present state, for a process that has confirmed its epoch already. */
export function look({ transaction }: Protocol): Promise<Snapshot> {
  return transaction(snapshotOf, { readOnly: true });
}

/** A process ends: nothing of it is on its way. */
export function leave({ transaction }: Protocol, process: string): Promise<void> {
  return transaction(async (rows) => rows.removeHeartbeat(process));
}

/**
 * The state is an earlier one than a process has seen. Its epoch becomes later than all that were seen: every process
 * follows it, and nothing that was decided or confirmed before the restore counts.
 *
 * @param seen the epoch that the process has seen
 */
export function outliveRestore({ transaction }: Protocol, seen: number): Promise<void> {
  return transaction(async (rows) => {
    const control = await rows.control();
    if (control.epoch > seen) return;
    await rows.saveControl({ ...control, epoch: seen + 1, confirmedAt: undefined });
    const reason = `The state is that of epoch ${control.epoch}, and epoch ${seen} was seen. Compare the stores: ragfood cutover verify.`;
    await noteInHistory(rows, "state restored", { who: "ragfood", reason });
  });
}

async function snapshotOf(rows: CutoverRows): Promise<Snapshot> {
  return {
    control: await rows.control(),
    at: await rows.now(),
    lastSequence: await rows.lastSequence(),
    first: await rows.firstMark(),
    firstQueued: await rows.firstMark("queued"),
  };
}
