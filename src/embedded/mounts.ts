import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, rmdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { EmulatedIndex, EmulatorOptions } from "./emulator-options.ts";
import { VectorIndex } from "./index/vector-index.ts";
import { emulatorOptionsSchema } from "./option-schemas.ts";
import { Faults } from "./protocol/faults.ts";
import type { Mount } from "./protocol/http.ts";
import { requireValid } from "./schema.ts";
import { seedIndex } from "./seed.ts";
import { defaultSettings } from "./settings.ts";
import { removeIndex } from "./storage/restore.ts";

/** The file of an index inside its directory; an index at a path has its own directory there. */
export function indexFile(directory: string, path = ""): string {
  return join(directory, ...path.split("/").filter((part) => part !== ""), "index.sqlite");
}

function randomToken(): string {
  return randomBytes(24).toString("base64url");
}

/**
 * Opens the indexes of an emulator; empty ones are seeded.
 *
 * @throws {UsageError} for invalid options; then nothing is written
 * @throws {StorageError} if an index cannot be opened
 * @throws {IndexMismatchError} if an index was created with other settings
 */
export async function openMounts(options: EmulatorOptions): Promise<Mount[]> {
  requireValid(
    emulatorOptionsSchema,
    options,
    "The options of startEmulator",
    "docs/emulator.md describes them.",
  );
  const mounts: Mount[] = [];
  try {
    for (const served of options.indexes ?? [options]) {
      mounts.push(await openMount(served, options.directory));
    }
    return mounts;
  } catch (error) {
    closeMounts(mounts);
    throw error;
  }
}

export function closeMounts(mounts: readonly Mount[]): void {
  for (const { index } of mounts) index.close();
}

async function openMount(served: EmulatedIndex, directory: string | undefined): Promise<Mount> {
  const { path = "", token = randomToken(), readOnlyToken = randomToken() } = served;
  const file = directory === undefined ? ":memory:" : indexFile(directory, path);
  const undo = directory === undefined ? () => {} : undoOf(file);
  const index = VectorIndex.open({
    path: file,
    settings: served.settings ?? defaultSettings,
    ...(served.embedders && { embedders: served.embedders }),
    ...(served.limits && { limits: served.limits }),
    ...(path !== "" && { name: path.slice(1) }),
  });
  const faults = new Faults(served.faults);
  const mount = { path, index, token, readOnlyToken, faults };
  try {
    if (served.seed !== undefined) await seedIndex(index, served.seed);
    faults.change({}, index);
    return mount;
  } catch (error) {
    index.close();
    undo();
    throw error;
  }
}

/** Removes what the opening of an index makes, for a seed that cannot be used. Call it before the opening. */
function undoOf(file: string): () => void {
  if (existsSync(file)) return () => {};
  const parent = dirname(file);
  const isNewDirectory = !existsSync(parent);
  return () => {
    removeIndex(file);
    if (isNewDirectory && readdirSync(parent).length === 0) rmdirSync(parent);
  };
}
