import { knownDumpKey } from "../../composition/dump-keys.ts";
import { openSource, requireRecords } from "../../composition/endpoints/migration.ts";
import { readKeyFile } from "../../composition/key-file.ts";
import { readSettings } from "../../config/settings.ts";
import { counted } from "../../foundation/plural.ts";
import { faultText } from "../../foundation/quoted.ts";
import { checkDump, type DumpReport, keyHint, writeDump } from "../../migration/dump/index.ts";
import { ProgressMeter, parseEndpoint } from "../../migration/run/index.ts";
import type { SkippedRecords } from "../../migration/source.ts";
import type { Run } from "../command.ts";
import type * as definitions from "../definitions/dump.ts";
import { exitCodes } from "../failure.ts";
import { printable } from "../foreign-text.ts";
import { showProgress } from "../migration-display.ts";
import { keysOf } from "../migration-options.ts";
import { readingOptions } from "../source-options.ts";
import type { Terminal } from "../terminal.ts";
import { importMigration } from "./migrate-run.ts";

/** Faults that a person is shown; `--json` gives all. */
const faultsShown = 20;

export const runExport: Run<typeof definitions.exportDump> = async (
  values,
  { environment, terminal, signal },
) => {
  const { source: place, directory: into, namespace, json } = values;
  const settings = readSettings(environment);
  const endpoint = parseEndpoint(place);
  const { dumpKey, sourceKey } = keysOf(values, endpoint, settings);
  const source = await openSource(endpoint, {
    settings,
    signal,
    ...readingOptions(values),
    ...(namespace !== undefined && { namespace }),
    ...(sourceKey && { dumpKey: sourceKey }),
  });
  const meter = new ProgressMeter((event) => showProgress(terminal, "Exporting", event));
  try {
    const description = await source.records.describe({ signal });
    const { skipped } = description;
    if (!values["allow-empty"]) requireRecords(source.records.name, description);
    if (skipped && skipped.count > 0) showSkipped(skipped, terminal);
    const { shards, ...facts } = await writeDump(source.records, into, {
      format: values.format ?? "jsonl",
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
        `${printable(into)}: ${counted(facts.recordCount, "record")} of ${printable(source.records.name)}, ` +
          `${counted(shards.length, "shard")}, ${(facts.byteCount / 2 ** 20).toFixed(1)} MiB${facts.encryption ? ", encrypted" : ""}`,
      );
    }
    return exitCodes.done;
  } finally {
    await source.close();
  }
};

/** Names the records that `--salvage` leaves behind. */
function showSkipped({ count, faults }: SkippedRecords, terminal: Terminal): void {
  terminal.note(`${counted(count, "record")} cannot be read and will be missing in the dump:`);
  for (const fault of faults.slice(0, faultsShown)) terminal.note(`  ${printable(faultText(fault))}`);
  if (count > faultsShown)
    terminal.note(`  … and ${count - faultsShown} more; --json lists the first 1,000.`);
}

export const runImport: Run<typeof definitions.importDump> = async (values, context) =>
  await importMigration({ ...values, from: `dump:${values.directory}` }, context);

export const runCheck: Run<typeof definitions.check> = async (values, { environment, terminal, signal }) => {
  const keyFile = values["key-file"];
  const key =
    keyFile === undefined ? knownDumpKey(values.directory, readSettings(environment)) : readKeyFile(keyFile);
  const report = await checkDump(values.directory, {
    ...(key && { key }),
    signal,
    onEvent: ({ done, total }) => terminal.progress("Checking shards", done, total),
  });
  if (values.json) terminal.json(toJson(report));
  else print(report, terminal);
  if (report.faults.length > 0) return exitCodes.failed;
  return report.isContentChecked ? exitCodes.done : exitCodes.unchecked;
};

function toJson({ directory, manifest, isContentChecked, faults }: DumpReport): object {
  const { shards, ...facts } = manifest;
  return {
    directory,
    // Unknown if what the files hold was not checked.
    isWhole: faults.length > 0 ? false : isContentChecked ? true : null,
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
    `${printable(directory)}: ${counted(recordCount, "record")} of ${printable(source.name)}, ${dimension === 0 ? "no dense vectors" : counted(dimension, "dimension")}, ` +
      `${counted(shards.length, "shard")}, ${(byteCount / 2 ** 20).toFixed(1)} MiB, written ${createdAt}`,
  );
  for (const fault of faults.slice(0, faultsShown)) {
    terminal.line(`${terminal.style("red", "Fault:")} ${printable(fault.message)}`);
  }
  if (faults.length > faultsShown) terminal.line(`… and ${faults.length - faultsShown} more`);
  if (faults.length > 0) terminal.note(faults[0]?.hint ?? "");
  else if (isContentChecked) terminal.line("Whole: every file and every record is what was written.");
  else {
    terminal.line("Every file is what was written. What they hold was not checked: the dump is encrypted.");
    terminal.note(printable(keyHint(encryption?.keyId ?? "")));
  }
}
