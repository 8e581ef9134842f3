import type { Settings } from "../config/settings.ts";
import { stateProtocol } from "../cutover/state-protocol.ts";
import { cutoverStatus } from "../cutover/status.ts";
import { defaultTiming } from "../cutover/timing.ts";
import { SettingsError } from "../foundation/errors.ts";
import type { Control } from "../state/cutover/rows.ts";
import type { StateDatabase } from "../state/database.ts";
import { openState } from "../state/open.ts";
import { CheckedWritesStore } from "../store/policies/index.ts";
import type { VectorStore } from "../store/store.ts";
import { mayHaveQueue } from "./outbox.ts";
import { storeIdentity } from "./store-identity.ts";

/**
 * Milliseconds that a look counts. What is written in the first seconds of a cutover is copied with everything else:
 * its records are listed only when D has passed.
 */
const lookMs = 1_000;

/**
 * A store of settings without CUTOVER_TO: it refuses to write while a cutover of the same store is under way, whose
 * other store would lack the write.
 */
export function outsideCutover(settings: Settings, store: VectorStore): VectorStore {
  const identity = storeIdentity(settings.store, settings, settings.upstash?.url);
  let state: Promise<StateDatabase> | undefined;
  let lookedAt = Number.NEGATIVE_INFINITY;
  return new CheckedWritesStore({
    store,
    check: async () => {
      if (performance.now() - lookedAt < lookMs || !mayHaveQueue(settings)) return;
      state ??= openState(settings);
      requireOutside(await controlIn(await state), identity);
      lookedAt = performance.now();
    },
    close: async () => {
      await (await state?.catch(() => undefined))?.close();
    },
  });
}

/** The cutover of a project, whatever the settings name. @throws {StateError} */
export async function controlIn(state: StateDatabase): Promise<Control> {
  const protocol = stateProtocol({ open: async () => state, pair: "main", timing: defaultTiming });
  return (await cutoverStatus(protocol)).control;
}

/** @throws {SettingsError} */
function requireOutside({ isRecording, binding, stage }: Control, identity: string): void {
  if (!isRecording || binding === undefined) return;
  if (binding.source !== identity && binding.target !== identity) return;
  throw new SettingsError([
    `A cutover from ${binding.source} to ${binding.target} is under way (stage ${stage}), and these settings have no CUTOVER_TO: the other store would lack this write. Nothing was written. Use the settings of the processes that serve: STORE, CUTOVER_TO=upstash, and both stores.`,
  ]);
}
