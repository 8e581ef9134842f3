import {
  type Application,
  type ApplicationObservers,
  createApplication,
  ingestStateFile,
} from "../application.ts";
import type { Settings } from "../config/settings.ts";
import { StorageError } from "../errors.ts";
import { foodTemplate } from "../foods/food.ts";
import { type IngestOptions, ingest } from "../foods/ingest.ts";
import { IngestState } from "../foods/ingest-state.ts";
import { requireFit } from "../store/check.ts";
import type { CommandContext } from "./command.ts";
import type { Terminal } from "./terminal.ts";

/** Hands an open application to `action` and closes it after, whatever happens. */
export async function withApplication<T>(
  settings: Settings,
  action: (application: Application) => Promise<T>,
  options: ApplicationObservers = {},
): Promise<T> {
  const application = createApplication(settings, options);
  try {
    return await action(application);
  } finally {
    await application.close();
  }
}

/**
 * Makes sure that a question can be answered: the index fits the settings, and holds something. The
 * embedded index is filled from the data file at first use, and again when that file has changed or the
 * first time was cut short; records that came another way are left alone.
 */
export async function makeReady(
  application: Application,
  namespace: string,
  { terminal, signal }: CommandContext,
): Promise<void> {
  const { settings, store } = application;
  let isPrimary = true;
  const info = await store.info({
    signal,
    onFallback: () => {
      isPrimary = false;
    },
  });
  // What stands in is of its own kind; the answer tells of it.
  if (!isPrimary) return;
  requireFit(info, application.expectation);
  const isEmpty = !Object.hasOwn(info.namespaces, namespace) || info.namespaces[namespace] === 0;
  if (settings.store !== "embedded") {
    if (isEmpty)
      terminal.note(`The namespace ${quoted(namespace)} of the index is empty. Fill it with: ragfood ingest`);
    return;
  }
  if (namespace !== settings.namespace) return;
  const state = new IngestState(ingestStateFile(settings));
  const { status, known } = state.status(namespace, settings.dataFile, settings.template ?? foodTemplate);
  if (!isEmpty && status === "new") return;
  if (!isEmpty && status === "other") {
    terminal.note(
      `The index was filled from ${known}. To keep to it, set JSON_FILE=${known}; to replace it by ${settings.dataFile}: ragfood ingest --prune`,
    );
  } else if (status !== "current" || isEmpty) {
    await refill(
      {
        store,
        file: settings.dataFile,
        namespace,
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
}

/** An index that holds something and cannot be written answers questions as it is. */
async function refill(options: IngestOptions, isEmpty: boolean, terminal: Terminal): Promise<void> {
  try {
    await ingest(options);
  } catch (error) {
    if (isEmpty || !(error instanceof StorageError)) throw error;
    terminal.note(`The index is not brought up to date with ${options.file}: ${error.message}`);
  }
}

function quoted(namespace: string): string {
  return namespace === "" ? "(default)" : JSON.stringify(namespace);
}
