import { type Application, ingestStateFile } from "../../composition/application.ts";
import { type IngestResult, ingest } from "../../foods/ingest.ts";
import { IngestState } from "../../foods/ingest-state.ts";
import { counted } from "../../foundation/plural.ts";
import { requireFit } from "../../store/check.ts";
import type { Run } from "../command.ts";
import type { ingest as ingestDefinition } from "../definitions/ingest.ts";
import { settingsOf, withApplication } from "../prepare.ts";
import { sendQueuedWrites } from "../queued-writes.ts";
import { withInputFile } from "../standard-input.ts";
import type { Terminal } from "../terminal.ts";

export const runIngest: Run<typeof ingestDefinition> = async (values, context) => {
  const { terminal, signal, input } = context;
  const settings = settingsOf(values, context.environment);
  const namespace = values.namespace ?? settings.namespace;
  const isPiped = values.file === "-";
  // Before the application opens its store, which would send them too.
  await sendQueuedWrites(settings, context);
  let cutTexts = 0;
  const onTruncate = (count: number) => {
    cutTexts += count;
  };
  const bring = (file: string) => {
    const fill = async ({ primary, secondary, expectation }: Application) => {
      const results: (IngestResult & { store: string; cutTexts: number })[] = [];
      for (const store of secondary ? [primary, secondary] : [primary]) {
        const isEmbedded =
          settings.store === "embedded" || (store === secondary && settings.fallback?.store === "embedded");
        if (store === primary || settings.fallback?.store === "upstash")
          requireFit(await store.info({ signal }), expectation);
        cutTexts = 0;
        const state = isEmbedded ? new IngestState(ingestStateFile(settings)) : undefined;
        const result = await ingest({
          store,
          file,
          ...(isPiped && { fileName: "standard input" }),
          namespace,
          prune: values.prune,
          // What was piped in cannot be looked at again later.
          ...(state && !isPiped && { state }),
          ...(settings.template !== undefined && { template: settings.template }),
          signal,
          onProgress: ({ done, total }) =>
            terminal.progress(store === primary ? "Ingesting" : `Ingesting into ${store.name}`, done, total),
        });
        if (isPiped) state?.forget(namespace);
        if (!values.json) printResult(result, store.name, cutTexts, terminal);
        results.push({ store: store.name, ...result, cutTexts });
      }
      const [first, second] = results;
      if (values.json) terminal.json({ ...first, ...(second && { secondary: second }) });
      return undefined;
    };
    return withApplication(settings, context, fill, { onTruncate });
  };
  return isPiped ? await withInputFile(input, signal, bring) : await bring(values.file ?? settings.dataFile);
};

function printResult(result: IngestResult, store: string, cutTexts: number, terminal: Terminal): void {
  const { total, added, changed, unchanged, deleted, milliseconds } = result;
  const namespace = result.namespace === "" ? "the default namespace" : `namespace ${result.namespace}`;
  terminal.line(`${result.file}: ${counted(total, "record")} in ${namespace} of the ${store} index.`);
  terminal.line(
    `  ${added} added, ${changed} changed, ${unchanged} unchanged, ${deleted} deleted, in ${(milliseconds / 1_000).toFixed(1)} s`,
  );
  if (result.repeatedTexts > 0)
    terminal.note(
      `  ${counted(result.repeatedTexts, "record")} ${result.repeatedTexts === 1 ? "repeats" : "repeat"} the text of another.`,
    );
  if (result.longTexts > 0) {
    terminal.note(
      `  ${counted(result.longTexts, "text")} ${result.longTexts === 1 ? "runs" : "run"} past 512 tokens; models other than BM25 and bge-m3 read no further.`,
    );
  }
  if (cutTexts > 0)
    terminal.note(
      `  ${cutTexts} texts were longer than the model reads; their vectors are of the beginning.`,
    );
}
