import type { Settings } from "../config/settings.ts";
import { type CheckDriftOptions, checkDrift, type DriftResult } from "../operations/drift/check-drift.ts";
import { embedderProbe } from "../operations/drift/embedder-probe.ts";
import { indexProbe } from "../operations/drift/index-probe.ts";
import type { DriftProbe } from "../operations/drift/probe.ts";
import type { StateDatabase } from "../state/database.ts";
import { DriftRepository } from "../state/drift.ts";
import { embedderOf } from "./embedders.ts";
import type { ApplicationObservers } from "./observers.ts";
import { outsideCutover } from "./outside-cutover.ts";
import { createStore } from "./single-stores.ts";
import { ownIdentity } from "./store-identity.ts";

export interface DriftOptions extends Pick<CheckDriftOptions, "threshold" | "reset" | "signal"> {
  readonly settings: Settings;
  readonly state: StateDatabase;
  readonly observers?: ApplicationObservers;
}

/**
 * Checks the model that embeds: the one of this process, or else the one of the index.
 *
 * @returns `undefined` if no dense model embeds, so that nothing can drift
 * @throws as `checkDrift`
 */
export async function checkModelDrift(options: DriftOptions): Promise<DriftResult | undefined> {
  const { settings, state, observers = {}, ...others } = options;
  const repository = new DriftRepository(state);
  const embedder = embedderOf(settings, observers);
  if (embedder) {
    const probe = embedderProbe(embedder, settings.embedder);
    return await checkDrift({ probe, repository, ...others });
  }
  // Without policies: the texts are public, and another store must not answer.
  const store = outsideCutover(settings, createStore(settings, observers), ownIdentity(settings));
  try {
    const info = await store.info(others.signal ? { signal: others.signal } : {});
    if (info.embeddingModel === "") return undefined;
    const place = settings.upstash?.url ?? settings.directory;
    const probe: DriftProbe = indexProbe({ store, place, info });
    return await checkDrift({ probe, repository, ...others });
  } finally {
    await store.close();
  }
}
