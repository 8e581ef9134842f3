import { openSource } from "../../composition/endpoints/migration.ts";
import { readSettings } from "../../config/settings.ts";
import { UsageError } from "../../foundation/errors.ts";
import { counted } from "../../foundation/plural.ts";
import { checkDump, type DumpReport, writeDump } from "../../migration/dump/index.ts";
import { ProgressMeter, parseEndpoint } from "../../migration/run/index.ts";
import type { SkippedRecords } from "../../migration/source.ts";
import { type Command, type CommandContext, defineCommand } from "../command.ts";
import { readDumpKey } from "../dump-key.ts";
import { exitCodes } from "../failure.ts";
import { showProgress } from "../migration-display.ts";
import { formatOf, keysOf } from "../migration-options.ts";
import { printable } from "../render.ts";
import { readingOptions, sourceArguments } from "../source-options.ts";
import type { Terminal } from "../terminal.ts";
import { importMigration } from "./migrate-run.ts";

/** Faults that a person is shown; `--json` gives all. */
const faultsShown = 20;

const args = {
  action: { type: "positional", required: true, description: "export, check or import" },
  place: {
    type: "positional",
    required: true,
    description: "export: the source, as migrate names it; else the directory of the dump",
  },
  into: { type: "positional", required: false, description: "export: the directory to make" },
  to: { type: "string", description: "import: the target (default: embedded)", valueHint: "target" },
  ...sourceArguments,
  namespace: { type: "string", description: "of an index (default: NAMESPACE)", valueHint: "name" },
  embed: { type: "string", description: "import: target: it makes the vectors", valueHint: "target" },
  vectors: { type: "string", description: "import: keep: the dump's are carried over", valueHint: "keep" },
  name: { type: "string", description: "import: of the migration", valueHint: "name" },
  format: { type: "string", description: "export: jsonl (default) or parquet", valueHint: "name" },
  encrypt: { type: "boolean", description: "export: encrypt with the key of --key-file" },
  "key-file": {
    type: "string",
    description: "the key of an encrypted dump: a file with one line, <key id>:<32 bytes in base64>",
    valueHint: "file",
  },
  json: { type: "boolean", description: "print JSON" },
} as const;

type Values = Parameters<typeof importMigration>[0] & {
  readonly place: string;
  readonly into?: string | undefined;
};

export const dump: Command = defineCommand({
  name: "dump",
  description: "Writes every record of a source into a dump, checks one offline, or imports it",
  args,
  examples: [
    ["ragfood dump export chroma_db/ foods-dump", "ids, texts, vectors and metadata, with hashes"],
    ["ragfood dump export upstash foods-dump --format parquet", "the index of the settings"],
    ["ragfood dump check foods-dump", "exit code 0 where the dump is whole, 1 where it is not"],
    ["ragfood dump check foods-dump --key-file dump.key", "what an encrypted dump holds too"],
    ["ragfood dump import foods-dump --to upstash", "the same as migrate import --from dump:foods-dump"],
  ],
  async run(values, context) {
    const { action, into } = values;
    if (action === "export") return await exportDump(values, context);
    if (into !== undefined) {
      throw new UsageError(`${action} takes one directory; "${into}" is one word too many.`);
    }
    if (action === "check") return await check(values, context);
    if (action === "import") {
      return await importMigration(
        { ...values, from: `dump:${values.place}`, to: values.to ?? "embedded" },
        context,
      );
    }
    throw new UsageError(`dump has no action "${action}".`, { hint: "It has export, check and import." });
  },
});

async function exportDump(
  values: Values,
  { environment, terminal, signal }: CommandContext,
): Promise<number> {
  const { place, into, namespace, json } = values;
  if (into === undefined) throw new UsageError("export needs the directory to make, after the source.");
  const { dumpKey, sourceKey } = keysOf(values);
  const format = formatOf(values.format);
  const source = await openSource(parseEndpoint(place), {
    settings: readSettings(environment),
    ...readingOptions(values),
    ...(namespace !== undefined && { namespace }),
    ...(sourceKey && { dumpKey: sourceKey }),
  });
  const meter = new ProgressMeter((event) => showProgress(terminal, "Exporting", event));
  try {
    const { skipped } = await source.records.describe({ signal });
    if (skipped && skipped.count > 0) showSkipped(skipped, terminal);
    const { shards, ...facts } = await writeDump(source.records, into, {
      format,
      ...(dumpKey && { key: dumpKey }),
      signal,
      onEvent: (event) => {
        if (event.type === "batch-end") meter.update(event.done, event.total);
      },
    });
    if (json) {
      terminal.json({
        directory: into,
        manifest: { ...facts, shardCount: shards.length },
        ...(skipped && { skipped }),
      });
    } else {
      terminal.line(
        `${printable(into)}: ${facts.recordCount.toLocaleString("en")} records of ${printable(source.records.name)}, ` +
          `${shards.length} shards, ${(facts.byteCount / 2 ** 20).toFixed(1)} MiB${facts.encryption ? ", encrypted" : ""}`,
      );
    }
    return exitCodes.done;
  } finally {
    await source.close();
  }
}

/** Names the records that `--salvage` leaves behind. */
function showSkipped({ count, faults }: SkippedRecords, terminal: Terminal): void {
  terminal.note(`${counted(count, "record")} cannot be read and will be missing in the dump:`);
  for (const { id, problem } of faults.slice(0, faultsShown)) {
    terminal.note(`  ${printable(JSON.stringify(id))}: ${printable(problem)}`);
  }
  if (count > faultsShown)
    terminal.note(`  … and ${count - faultsShown} more; --json lists the first 1,000.`);
}

async function check(values: Values, { terminal, signal }: CommandContext): Promise<number> {
  const keyFile = values["key-file"];
  const report = await checkDump(values.place, {
    ...(keyFile !== undefined && { key: readDumpKey(keyFile) }),
    signal,
    onEvent: ({ done, total }) => terminal.progress("Checking shards", done, total),
  });
  if (values.json) terminal.json(toJson(report));
  else print(report, terminal);
  return report.faults.length === 0 ? exitCodes.done : exitCodes.failed;
}

function toJson({ directory, manifest, isContentChecked, faults }: DumpReport): object {
  const { shards, ...facts } = manifest;
  return {
    directory,
    isWhole: faults.length === 0,
    isContentChecked,
    faults: faults.map((fault) => ({
      file: fault.file,
      message: fault.message,
      ...(fault.hint !== undefined && { hint: fault.hint }),
      faults: fault.faults,
    })),
    manifest: { ...facts, shardCount: shards.length },
  };
}

function print({ directory, manifest, isContentChecked, faults }: DumpReport, terminal: Terminal): void {
  const { recordCount, dimension, source, shards, byteCount, createdAt, encryption } = manifest;
  terminal.line(
    `${printable(directory)}: ${recordCount.toLocaleString("en")} records of ${printable(source.name)}, ${dimension} dimensions, ` +
      `${shards.length} shards, ${(byteCount / 2 ** 20).toFixed(1)} MiB, written ${createdAt}`,
  );
  for (const fault of faults.slice(0, faultsShown)) {
    terminal.line(`${terminal.style("red", "Fault:")} ${printable(fault.message)}`);
  }
  if (faults.length > faultsShown) terminal.line(`… and ${faults.length - faultsShown} more`);
  if (faults.length > 0) terminal.note(faults[0]?.hint ?? "");
  else if (isContentChecked) terminal.line("Whole: every file and every record is what was written.");
  else {
    terminal.line("Every file is what was written. What they hold was not checked: the dump is encrypted.");
    terminal.note(`Give the key "${printable(encryption?.keyId ?? "")}" with --key-file to check it.`);
  }
}
