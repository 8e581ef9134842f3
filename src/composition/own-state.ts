import type { StateDatabase } from "../state/database.ts";
import { openState, type StateLocation } from "../state/open.ts";

/** Opens the state for one piece of work, creates it if it does not exist, and closes it. @throws {StateError} */
export async function withOpenState<T>(
  location: StateLocation,
  work: (state: StateDatabase) => Promise<T>,
): Promise<T> {
  const state = await openState(location);
  try {
    return await work(state);
  } finally {
    await state.close();
  }
}

/** A state that is opened when it is first needed, and again after a failure: who does not need it, creates none. */
export interface StateOnDemand {
  /** @throws {StateError} */
  readonly open: () => Promise<StateDatabase>;
  readonly close: () => Promise<void>;
}

export function stateOnDemand(location: StateLocation): StateOnDemand {
  let opened: Promise<StateDatabase> | undefined;
  return {
    open: async () => {
      opened ??= openState(location);
      try {
        return await opened;
      } catch (error) {
        opened = undefined;
        throw error;
      }
    },
    close: async () => {
      await (await opened?.catch(() => undefined))?.close();
    },
  };
}
