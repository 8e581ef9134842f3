import type { Settings } from "../config/settings.ts";
import { NotFoundError } from "../foundation/errors.ts";
import type { StateDatabase } from "../state/database.ts";
import { hasState, openState, stateFileIn } from "../state/open.ts";

/**
 * Calls `action` with the state of the settings, and always closes it. Looking creates no state.
 * @throws {NotFoundError} if there is no state yet
 */
export async function withState<T>(
  settings: Settings,
  action: (state: StateDatabase) => Promise<T>,
): Promise<T> {
  return await withStateIfAny(settings, (state) => {
    if (state) return action(state);
    const file = stateFileIn(settings.directory);
    throw new NotFoundError("state", `Nothing is recorded yet: ${file} does not exist.`, {
      hint: "ragfood serve records requests, costs and feedback; set STATE_URL if replicas share them.",
    });
  });
}

/** The same, with `undefined` if there is no state yet. */
export async function withStateIfAny<T>(
  settings: Settings,
  action: (state: StateDatabase | undefined) => Promise<T>,
): Promise<T> {
  const state = hasState(settings) ? await openState(settings) : undefined;
  try {
    return await action(state);
  } finally {
    await state?.close();
  }
}
