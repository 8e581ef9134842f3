import type { StateDatabase } from "./database.ts";
import { migrations } from "./migrations.ts";
import { readRows, rowsVersion } from "./rows.ts";
import { laterVersion } from "./state-error.ts";

export interface RestoreStateOptions {
  /** Lets the copy take the place of a state that exists. */
  readonly replace: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface RestoredState {
  readonly location: string;
  readonly rowCount: number;
  /** Where the former state was put; `undefined` if there was none. */
  readonly aside: string | undefined;
}

/** Fills a new store from a copy of this or an earlier version, and brings its tables up to date. */
export async function fillState(
  open: (steps: readonly string[]) => Promise<StateDatabase>,
  file: string,
  signal: AbortSignal | undefined,
): Promise<number> {
  const version = await rowsVersion(file);
  if (version > migrations.length) throw laterVersion(file, version, migrations.length);
  const former = await open(migrations.slice(0, version));
  try {
    return await readRows(former, file, signal);
  } finally {
    await former.close();
    if (version < migrations.length) await (await open(migrations)).close();
  }
}
