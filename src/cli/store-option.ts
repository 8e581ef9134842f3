import type { Environment } from "../config/environment.ts";
import { readSettings, type Settings } from "../config/settings.ts";

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

/** The settings, with the store that the command line names. @throws {SettingsError} */
export function settingsOf(
  { store }: { readonly store?: string | undefined },
  environment: Environment,
): Settings {
  return readSettings(store === undefined ? environment : { ...environment, STORE: store });
}
