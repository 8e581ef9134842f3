import type { Settings } from "../config/settings.ts";
import { stateProtocol } from "../cutover/state-protocol.ts";
import { cutoverStatus } from "../cutover/status.ts";
import { defaultTiming } from "../cutover/timing.ts";
import { UsageError } from "../foundation/errors.ts";
import type { Control } from "../state/cutover/rows.ts";
import type { StateDatabase } from "../state/database.ts";
import { hasState } from "../state/open.ts";
import { StateError } from "../state/state-error.ts";
import { CheckedWritesStore } from "../store/policies/index.ts";
import type { VectorStore } from "../store/store.ts";
import { stateOnDemand, withOpenState } from "./own-state.ts";

/** Names a store, or several, as `storeIdentity` does. */
type Identities = string | readonly string[];

/**
 * Milliseconds that a look counts. What is written in the first seconds of a cutover is copied with everything else:
 * its records are listed only when D has passed.
 */
const lookMs = 1_000;

/**
 * A store that is not one of a pair: it refuses to write while a cutover of the same store is under way, whose other
 * store would lack the write.
 */
export function outsideCutover(settings: Settings, store: VectorStore, identity: string): VectorStore {
  const state = stateOnDemand(settings);
  let lookedAt = Number.NEGATIVE_INFINITY;
  return new CheckedWritesStore({
    store,
    check: async () => {
      if (performance.now() - lookedAt < lookMs || !hasState(settings)) return;
      requireOutside(settings, await controlIn(await state.open()), identity);
      lookedAt = performance.now();
    },
    close: state.close,
  });
}

/**
 * For what writes a store at once, or its file: the same rule as that of `outsideCutover`, asked once.
 *
 * @throws {UsageError} while a cutover of the store is under way
 * @throws {StateError}
 */
export async function requireOutsideCutover(settings: Settings, identities: Identities): Promise<void> {
  await withControl(settings, (control) => requireOutside(settings, control, identities));
}

/**
 * A restore of the index writes the store that the settings name.
 *
 * @throws {UsageError} while a cutover of the store is under way, or after its end for settings of before
 * @throws {StateError}
 */
export async function requireRestorable(settings: Settings, identity: string): Promise<void> {
  await withControl(settings, (control) => {
    requireOutside(settings, control, identity);
    if (control.stage !== "target-only" || settings.cutover === undefined) return;
    throw new UsageError(
      "The cutover has ended, and these settings name its former store. Nothing was changed.",
      {
        hint: "Set STORE=upstash, remove CUTOVER_TO, and run the command again.",
      },
    );
  });
}

/**
 * A restore of the state takes back the stage, and drops writes that only the outbox holds. A state that cannot be read
 * may be restored: nothing else is left to do.
 *
 * @throws {UsageError} while a cutover is under way
 */
export async function requireStateRestorable(settings: Settings): Promise<void> {
  await withControl(settings, ({ isRecording, stage }) => {
    if (!isRecording) return;
    throw new UsageError(
      `A cutover is under way (stage ${stage}), and the state holds its stage and the writes that a store lacks: a restore would lose them. Nothing was changed.`,
      { hint: stage === "source" ? settles : "Run: ragfood cutover rollback. When it has settled, restore." },
    );
  }).catch((error: unknown) => {
    if (!(error instanceof StateError)) throw error;
  });
}

/** The cutover of a project, also if the settings name none. @throws {StateError} */
async function controlIn(state: StateDatabase): Promise<Control> {
  const protocol = stateProtocol({ open: async () => state, pair: "main", timing: defaultTiming });
  return (await cutoverStatus(protocol)).control;
}

/** Looking creates no state. */
async function withControl(settings: Settings, check: (control: Control) => void): Promise<void> {
  if (!hasState(settings)) return;
  check(await withOpenState(settings, controlIn));
}

/** @throws {UsageError} */
function requireOutside(
  { cutover }: Settings,
  { isRecording, binding, stage }: Control,
  identities: Identities,
): void {
  if (!isRecording || binding === undefined) return;
  const concerned = [identities].flat();
  if (!concerned.includes(binding.source) && !concerned.includes(binding.target)) return;
  const way = cutover
    ? "It would write one store alone, and the other one would lack it. Nothing was written."
    : "These settings have no CUTOVER_TO, so the other store would lack this write. Nothing was written.";
  throw new UsageError(
    `A cutover from ${binding.source} to ${binding.target} is under way (stage ${stage}). ${way}`,
    { hint: stage === "source" ? settles : cutover ? endFirst : `${sameSettings} ${endFirst}` },
  );
}

const settles =
  "It was rolled back, and running processes settle it within seconds. Wait until ragfood cutover status shows no `not yet`, then run the command again.";

const sameSettings =
  "To write records, use the settings of the processes that serve: STORE, CUTOVER_TO=upstash, and both stores.";

const endFirst =
  "A command for one store alone has to wait for the end of the cutover (ragfood cutover finish), or of a rollback (ragfood cutover rollback). ragfood ingest and delete write both stores meanwhile.";
