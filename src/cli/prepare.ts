import { existsSync } from "node:fs";
import {
  type Application,
  type ApplicationObservers,
  createApplication,
  ingestStateFile,
  missingIndex,
} from "../composition/application.ts";
import type { Environment } from "../config/environment.ts";
import { readSettings, type Settings } from "../config/settings.ts";
import { foodTemplate } from "../foods/food.ts";
import { type IngestOptions, ingest } from "../foods/ingest.ts";
import { IngestState } from "../foods/ingest-state.ts";
import { validateFile } from "../foods/validate.ts";
import { NotFoundError, StorageError } from "../foundation/errors.ts";
import { shellOption, shellWord } from "../foundation/shell-word.ts";
import { requireFit } from "../store/check.ts";
import type { CommandContext } from "./command.ts";
import { observersFor } from "./observers.ts";
import type { Terminal } from "./terminal.ts";

/** The settings, with the store that the command line names. @throws {SettingsError} */
export function settingsOf(
  { store }: { readonly store: Settings["store"] | undefined },
  environment: Environment,
): Settings {
  return readSettings(store === undefined ? environment : { ...environment, STORE: store });
}

/** @throws {NotFoundError} if the embedded index of the settings does not exist: looking creates none */
export function requireIndex(settings: Settings, namespace: string = settings.namespace): void {
  const missing = missingIndex(settings);
  if (missing === undefined) return;
  throw new NotFoundError("embedded", `There is no index at ${missing} yet.`, {
    hint:
      namespace === settings.namespace
        ? "The first question makes one, and so does: ragfood ingest"
        : `Fill the namespace with: ragfood ingest ${shellOption("namespace", namespace)}`,
  });
}

/**
 * Before an embedded index is made: something can fill it, so that a command that fails leaves no index behind.
 *
 * @throws {DataError} if the data file of the settings cannot be ingested
 * @throws {NotFoundError} if the namespace is another one than that of the settings: no file fills it
 */
export async function requireFill(settings: Settings, namespace: string = settings.namespace): Promise<void> {
  if (missingIndex(settings) === undefined) return;
  if (namespace !== settings.namespace) requireIndex(settings, namespace);
  await validateFile(
    settings.dataFile,
    settings.template === undefined ? {} : { template: settings.template },
  );
}

/** Calls `action` with an open application, and always closes it. */
export async function withApplication<T>(
  settings: Settings,
  context: CommandContext,
  action: (application: Application) => Promise<T>,
  observers: ApplicationObservers = {},
): Promise<T> {
  const application = createApplication(settings, { ...observersFor(context), ...observers });
  try {
    return await action(application);
  } finally {
    await application.close();
  }
}

/**
 * Makes sure that a question can be answered: the index fits the settings and holds records. The embedded index is
 * filled from the data file at first use, and again if that file has changed or filling was interrupted; records that
 * came from elsewhere stay.
 *
 * @returns whether the namespace holds records; true as well if that is not known
 */
export async function makeReady(
  application: Application,
  namespace: string,
  { terminal, signal }: CommandContext,
): Promise<boolean> {
  const { settings, store } = application;
  let isPrimary = true;
  const info = await store.info({
    signal,
    onFallback: () => {
      isPrimary = false;
    },
  });
  // The second store has its own kind of index; the answer names it.
  if (!isPrimary) return true;
  requireFit(info, application.expectation);
  const isEmpty = (info.namespaces[namespace] ?? 0) === 0;
  // The answer explains if a namespace of the command line does not exist.
  if (namespace !== settings.namespace) return !isEmpty;
  // The answer explains an index that is empty.
  if (settings.store !== "embedded") return !isEmpty;
  const state = new IngestState(ingestStateFile(settings));
  const { status, known, textFields } = state.status(
    namespace,
    settings.dataFile,
    settings.template ?? foodTemplate,
  );
  if (!isEmpty && status === "new") return true;
  if (!isEmpty && status === "other") {
    const choice = existsSync(settings.dataFile)
      ? `to replace it by ${settings.dataFile}: ragfood ingest --prune`
      : `${settings.dataFile}, which JSON_FILE names, does not exist.`;
    terminal.note(
      `The index was filled from ${known}. To keep using that file, set JSON_FILE=${shellWord(known ?? "")}; ${choice}`,
    );
  } else if (status !== "current" || isEmpty) {
    await refill(
      {
        store,
        file: settings.dataFile,
        namespace,
        textFields,
        state,
        ...(settings.template !== undefined && { template: settings.template }),
        signal,
        onProgress: ({ done, total }) =>
          terminal.progress(`Filling the index from ${settings.dataFile}`, done, total),
      },
      isEmpty,
      terminal,
    );
  }
  return true;
}

/** An index that holds records but cannot be written answers from these. */
async function refill(options: IngestOptions, isEmpty: boolean, terminal: Terminal): Promise<void> {
  try {
    await ingest(options);
  } catch (error) {
    if (isEmpty || !(error instanceof StorageError)) throw error;
    terminal.note(`The index is not brought up to date with ${options.file}: ${error.message}`);
  }
}
