import { type Application, ingestStateFile } from "../../application.ts";
import { type IngestResult, ingest } from "../../foods/ingest.ts";
import { IngestState } from "../../foods/ingest-state.ts";
import { requireFit } from "../../store/check.ts";
import { type Command, defineCommand } from "../command.ts";
import { withApplication } from "../prepare.ts";
import { settingsOf, storeArgument } from "../store-option.ts";
import type { Terminal } from "../terminal.ts";

const args = {
  file: {
    type: "positional",
    required: false,
    description: "JSON or JSON Lines, gzipped or not (default: JSON_FILE)",
  },
  namespace: { type: "string", description: "the namespace to fill (default: NAMESPACE)", valueHint: "name" },
  ...storeArgument,
  prune: { type: "boolean", description: "delete records that the file does not have" },
  json: { type: "boolean", description: "print JSON" },
} as const;

export const ingestCommand: Command = defineCommand({
  name: "ingest",
  description: "Brings a data file into the index: what is new or changed is written, the rest left alone",
  args,
  examples: [
    ["ragfood ingest", "the data file of the settings, by default the foods that come with ragfood"],
    ["ragfood ingest my-foods.json --prune", "make the index hold just this file"],
    ["ragfood ingest usda.jsonl.gz --namespace usda", "a second data set beside the first"],
  ],
  async run(values, context) {
    const { terminal, signal } = context;
    const settings = settingsOf(values, context.environment);
    const file = values.file ?? settings.dataFile;
    const namespace = values.namespace ?? settings.namespace;
    let cutTexts = 0;
    const fill = async ({ store, expectation }: Application) => {
      requireFit(await store.info({ signal }), expectation);
      const result = await ingest({
        store,
        file,
        namespace,
        prune: values.prune ?? false,
        ...(settings.store === "embedded" && { state: new IngestState(ingestStateFile(settings)) }),
        ...(settings.template !== undefined && { template: settings.template }),
        signal,
        onProgress: ({ done, total }) => terminal.progress("Ingesting", done, total),
      });
      if (values.json) terminal.json({ store: store.name, ...result, cutTexts });
      else printResult(result, store.name, cutTexts, terminal);
      return undefined;
    };
    const onTruncate = (count: number) => {
      cutTexts += count;
    };
    return await withApplication(settings, fill, { onTruncate });
  },
});

function printResult(result: IngestResult, store: string, cutTexts: number, terminal: Terminal): void {
  const { total, added, changed, unchanged, deleted, milliseconds } = result;
  const namespace = result.namespace === "" ? "the default namespace" : `namespace ${result.namespace}`;
  terminal.line(`${result.file}: ${total} records in ${namespace} of the ${store} index.`);
  terminal.line(
    `  ${added} added, ${changed} changed, ${unchanged} unchanged, ${deleted} deleted, in ${(milliseconds / 1_000).toFixed(1)} s`,
  );
  if (result.repeatedTexts > 0)
    terminal.note(`  ${result.repeatedTexts} records repeat the text of another record.`);
  if (result.longTexts > 0) {
    terminal.note(
      `  ${result.longTexts} texts run past 512 tokens; models other than BM25 and bge-m3 read no further.`,
    );
  }
  if (cutTexts > 0)
    terminal.note(
      `  ${cutTexts} texts were longer than the model reads; their vectors are of the beginning.`,
    );
}
