import type { Environment } from "../config/environment.ts";
import { readSettings, type Settings } from "../config/settings.ts";
import { UsageError } from "../foundation/errors.ts";

/** The argument of the commands that look into the index. */
export const storeArgument: {
  readonly store: { readonly type: "string"; readonly description: string; readonly valueHint: string };
} = {
  store: {
    type: "string",
    description: "the store to use: upstash, embedded or chroma (default: STORE)",
    valueHint: "name",
  },
};

const stores: readonly string[] = ["upstash", "embedded", "chroma"] satisfies Settings["store"][];

/**
 * The settings, with the store that the command line names.
 * @throws {UsageError} where it names none that there is
 * @throws {SettingsError}
 */
export function settingsOf(
  { store }: { readonly store?: string | undefined },
  environment: Environment,
): Settings {
  if (store !== undefined && !stores.includes(store)) {
    throw new UsageError(`--store has to be upstash, embedded or chroma; it is "${store}".`);
  }
  return readSettings(store === undefined ? environment : { ...environment, STORE: store });
}
