import {
  type Application,
  type ApplicationObservers,
  ingestStateFile,
  missingIndex,
} from "../../composition/application.ts";
import type { Settings } from "../../config/settings.ts";
import { type IngestOptions, type IngestResult, ingest } from "../../foods/ingest.ts";
import { IngestState } from "../../foods/ingest-state.ts";
import { validateFile } from "../../foods/validate.ts";
import { namespaceName } from "../../foundation/namespace-name.ts";
import { counted } from "../../foundation/plural.ts";
import { requireFit } from "../../store/check.ts";
import type { VectorStore } from "../../store/store.ts";
import type { CommandContext, Run, ValuesOf } from "../command.ts";
import { confirmPrune } from "../confirm-prune.ts";
import type { ingest as ingestDefinition } from "../definitions/ingest.ts";
import { exitCodes } from "../failure.ts";
import { settingsOf, withApplication } from "../prepare.ts";
import { sendQueuedWrites } from "../queued-writes.ts";
import type { Terminal } from "../terminal.ts";

type Values = ValuesOf<typeof ingestDefinition>;

interface StoreResult extends IngestResult {
  readonly store: string;
  /** Texts that the embedding model did not read to their end. */
  readonly cutTexts: number;
}

export const runIngest: Run<typeof ingestDefinition> = async (values, context) => {
  const settings = settingsOf(values, context.environment);
  const { terminal } = context;
  const isDry = values["dry-run"];
  // Before the application opens its store, which would send them too.
  if (!isDry) await sendQueuedWrites(settings, context);
  const isNew = missingIndex(settings) !== undefined;
  // A file that cannot be ingested leaves no index behind.
  if (isNew && !isDry) {
    const { file, ...options } = fileOptions(values, settings);
    await validateFile(file, options);
  }
  const results =
    isDry && isNew
      ? [await compareWithNothing(values, settings)]
      : await ingestInto(values, settings, context);
  const [first, second] = results;
  if (values.json) {
    terminal.json({ ...first, ...(isDry && { dryRun: true }), ...(second && { secondary: second }) });
  } else for (const result of results) printResult(result, isDry, terminal);
  return results.some(({ queued }) => queued > 0) ? exitCodes.failed : exitCodes.done;
};

/** Ingests into the index and its secondary store. */
async function ingestInto(
  values: Values,
  settings: Settings,
  context: CommandContext,
): Promise<StoreResult[]> {
  let cutTexts = 0;
  const observers: ApplicationObservers = {
    onTruncate: (count) => {
      cutTexts += count;
    },
  };
  const fill = async ({ primary, secondary, expectation, engine }: Application) => {
    const results: StoreResult[] = [];
    for (const store of secondary ? [primary, secondary] : [primary]) {
      if (store === primary || settings.fallback?.store === "upstash")
        requireFit(await store.info({ signal: context.signal }), expectation);
      cutTexts = 0;
      const isEmbedded = (store === primary ? settings.store : settings.fallback?.store) === "embedded";
      const action = values["dry-run"] ? "Comparing" : "Ingesting";
      const label =
        store === primary ? action : `${action} ${values["dry-run"] ? "with" : "into"} ${store.name}`;
      const options = optionsFor(store, values, settings, context);
      const state = isEmbedded ? new IngestState(ingestStateFile(settings)) : undefined;
      // A pipe cannot be read again later.
      const isPiped = context.pipedFiles.has(options.file);
      const result = await ingest({
        ...options,
        ...(state && !isPiped && { state }),
        onProgress: ({ done, total }) => context.terminal.progress(label, done, total),
      });
      if (isPiped && !values["dry-run"]) state?.forget(options.namespace);
      results.push({ store: store.name, ...result, cutTexts });
    }
    // The analysis of questions uses the names and values of the current records.
    const isChanged = results.some(({ added, changed, deleted }) => added + changed + deleted > 0);
    if (isChanged && !values["dry-run"]) {
      await engine.learn({ namespace: values.namespace ?? settings.namespace, signal: context.signal });
    }
    return results;
  };
  return await withApplication(settings, context, fill, observers);
}

function optionsFor(
  store: VectorStore,
  values: Values,
  settings: Settings,
  context: CommandContext,
): IngestOptions {
  return {
    store,
    ...fileOptions(values, settings),
    namespace: values.namespace ?? settings.namespace,
    prune: values.prune,
    dryRun: values["dry-run"],
    confirmPrune: (proposal) => confirmPrune(proposal, { ...values, store: store.name }, context),
    signal: context.signal,
  };
}

function fileOptions(values: Values, settings: Settings) {
  return {
    file: values.file ?? settings.dataFile,
    textFields: values["text-field"],
    ...(settings.template !== undefined && { template: settings.template }),
  };
}

/** A dry run creates no index: without one, every record of the file is new. */
async function compareWithNothing(values: Values, settings: Settings): Promise<StoreResult> {
  const started = performance.now();
  const { file, ...options } = fileOptions(values, settings);
  const { count, longTexts, repeatedTexts } = await validateFile(file, options);
  return {
    store: settings.store,
    file,
    namespace: values.namespace ?? settings.namespace,
    total: count,
    added: count,
    changed: 0,
    changedIds: [],
    unchanged: 0,
    deleted: 0,
    queued: 0,
    longTexts,
    repeatedTexts,
    cutTexts: 0,
    milliseconds: performance.now() - started,
  };
}

function printResult(result: StoreResult, isDry: boolean, terminal: Terminal): void {
  const { total, added, changed, unchanged, deleted, queued, milliseconds, store } = result;
  const namespace = namespaceName(result.namespace);
  const records = `${result.file}: ${counted(total, "record")}`;
  if (isDry) {
    terminal.line(`${records} for ${namespace} of the ${store} index. Nothing was written (--dry-run).`);
    terminal.line(`  ${added} to add, ${changed} to change, ${unchanged} unchanged, ${deleted} to delete`);
  } else {
    terminal.line(`${records} ${queued > 0 ? "for" : "in"} ${namespace} of the ${store} index.`);
    const waiting = queued > 0 ? `${queued} queued, ` : "";
    terminal.line(
      `  ${added} added, ${changed} changed, ${unchanged} unchanged, ${deleted} deleted, ${waiting}in ${(milliseconds / 1_000).toFixed(1)} s`,
    );
  }
  printNotes(result, terminal);
}

function printNotes(result: StoreResult, terminal: Terminal): void {
  const { queued, queuedReason, repeatedTexts, longTexts, cutTexts } = result;
  if (queued > 0) {
    terminal.note(
      `  The index does not hold ${counted(queued, "queued record")} yet: ${queuedReason} They are sent later, or now with: ragfood queue drain`,
    );
  }
  if (repeatedTexts > 0) {
    terminal.note(
      `  ${counted(repeatedTexts, "record")} ${repeatedTexts === 1 ? "repeats" : "repeat"} the text of another.`,
    );
  }
  if (longTexts > 0) {
    terminal.note(
      `  ${counted(longTexts, "text")} ${longTexts === 1 ? "has" : "have"} more than 512 tokens; models other than BM25 and bge-m3 do not read the rest.`,
    );
  }
  if (cutTexts > 0) {
    terminal.note(
      `  ${counted(cutTexts, "text")} ${cutTexts === 1 ? "was" : "were"} longer than the model reads; the vectors are of the beginning.`,
    );
  }
}
