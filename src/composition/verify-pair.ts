import type { Settings } from "../config/settings.ts";
import type { RoutedStore } from "../cutover/routed-store.ts";
import { type Verification, type VerificationOptions, verifyStores } from "../cutover/watch/verify-stores.ts";
import { openState } from "../state/open.ts";
import { createApplication } from "./application.ts";
import type { PairName } from "./cutover.ts";
import { copyOfSecondary } from "./paired-stores.ts";

/**
 * Compares the two stores of a cutover, and keeps the result as evidence for its gates; or a store with its second
 * copy (`FALLBACK_WRITES=copy`).
 *
 * @param settings with `CUTOVER_TO` or `FALLBACK_WRITES=copy`
 * @param options `size`: records to compare, `Infinity` for all
 * @throws {ServiceError | StorageError} if a store cannot be read
 * @throws {StateError}
 */
export async function verifyPair(settings: Settings, options: VerificationOptions): Promise<Verification> {
  const { cutover } = settings;
  const pair: PairName = cutover ? "main" : "secondary";
  const application = createApplication(settings);
  const state = await openState(settings);
  try {
    const { runtime, stores } = application.routed as RoutedStore;
    const { protocol } = runtime.parts;
    // The first heartbeat binds the pair to these stores, or refuses them.
    await runtime.view();
    const comparesVectors = (cutover?.copy ?? copyOfSecondary(settings)) === "vectors";
    const integrity = cutover && { integrityMs: cutover.thresholds.integrityMs };
    return await verifyStores({ protocol, state, pair, stores, comparesVectors, ...integrity }, options);
  } finally {
    await state.close();
    await application.close();
  }
}
