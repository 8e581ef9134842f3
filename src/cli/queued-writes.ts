import { type Application, createApplication } from "../composition/application.ts";
import { importFormerWrites, mayHaveQueue, outboxPair, outboxProtocol } from "../composition/outbox.ts";
import { requireOutsideCutover } from "../composition/outside-cutover.ts";
import { withOpenState } from "../composition/own-state.ts";
import { ownIdentity } from "../composition/store-identity.ts";
import type { Settings } from "../config/settings.ts";
import type { CutoverParts } from "../cutover/parts.ts";
import { type DrainResult, drain } from "../cutover/queue/drain.ts";
import { hasQueued, queueStatus } from "../cutover/queue/status.ts";
import type { Protocol } from "../cutover/rules/protocol.ts";
import { QueueBusyError } from "../foundation/errors.ts";
import type { StateDatabase } from "../state/database.ts";
import type { CommandContext } from "./command.ts";
import { observersFor } from "./observers.ts";

/** The outbox of the settings, for a command. */
export interface Outbox {
  readonly state: StateDatabase;
  /** `""` if the settings name no cloud index and no cutover: only the outboxes of others can be seen. */
  readonly pair: string;
  readonly protocol: Protocol;
}

/** Hands the outbox to `action`, after the import of an earlier version's queue; `undefined` if nothing can wait. */
export async function withOutbox<T>(
  settings: Settings,
  context: CommandContext,
  action: (outbox: Outbox) => Promise<T>,
): Promise<T | undefined> {
  if (!mayHaveQueue(settings)) return undefined;
  return await withOpenState(settings, async (state) => {
    await importFormerWrites(settings, state, observersFor(context));
    const pair = outboxPair(settings) ?? "";
    return await action({ state, pair, protocol: outboxProtocol(settings, state) });
  });
}

/** Sends the waiting writes now. @throws {StateError} */
export async function drainOutbox(
  settings: Settings,
  { protocol }: Outbox,
  context: CommandContext,
): Promise<DrainResult> {
  const { signal, terminal } = context;
  // What waits for a single store is sent to it past its policies.
  if (settings.cutover === undefined) await requireOutsideCutover(settings, ownIdentity(settings));
  const total = (await queueStatus(protocol)).waiting;
  // Writes may wait although the setting has changed since.
  const application: Application = createApplication(
    { ...settings, outageWrites: "queue" },
    observersFor(context),
  );
  try {
    const onProgress = (done: number) =>
      terminal.progress("Sending queued writes", done, Math.max(total, done));
    return await drain({ parts: application.outbox as CutoverParts, signal, onProgress });
  } finally {
    await application.close();
  }
}

/**
 * Sends the waiting writes before a command that compares records with the index.
 * @throws {QueueBusyError} if writes still wait
 */
export async function sendQueuedWrites(settings: Settings, context: CommandContext): Promise<void> {
  await withOutbox(settings, context, async (outbox) => {
    const { pair, protocol } = outbox;
    if (pair === "" || !(await hasQueued(protocol))) return;
    const { stoppedBy } = await drainOutbox(settings, outbox, context);
    if (stoppedBy !== undefined) throw stoppedBy;
    if (!(await hasQueued(protocol))) return;
    throw new QueueBusyError("Queued writes have to reach the index first.", {
      hint: "Run: ragfood queue drain",
    });
  });
}
