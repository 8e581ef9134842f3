import { existsSync } from "node:fs";
import { join } from "node:path";
import { counted } from "../../../counted.ts";
import { type Manifest, openDump, writeDump } from "../../dump/index.ts";
import { inputsHash } from "../inputs.ts";
import type { Phase, PhaseContext } from "../phase.ts";
import { ProgressMeter } from "../progress-meter.ts";

export interface ExportFacts {
  readonly directory: string;
  readonly recordCount: number;
  readonly byteCount: number;
  readonly contentHash: string;
}

/** Writes the records of the source, as they are, into a dump: what is imported, and what stays. */
export const exportPhase: Phase = {
  name: "export",
  leftOut: (context) => (isDump(context) ? "the source is a dump" : undefined),
  inputs: exportInputs,
  isInPlace: ({ facts }) => existsSync(join((facts as ExportFacts).directory, "manifest.json")),
  async run(context) {
    const { migration } = context;
    const name = `dump-${inputsHash(await exportInputs(context)).slice(0, 8)}`;
    const directory = join(migration.directory, name);
    // Its name says of what it is; the check that follows looks at every record of it.
    const manifest = existsSync(join(directory, "manifest.json"))
      ? openDump(directory, migration.dumpKey)
      : await exportTo(directory, context);
    const { recordCount, byteCount, contentHash, shards } = manifest;
    const facts: ExportFacts = { directory, recordCount, byteCount, contentHash };
    return {
      summary: `${counted(recordCount, "record")} in ${directory}, ${(byteCount / 2 ** 20).toFixed(1)} MiB`,
      facts,
      markdown: [
        `- Dump: ${directory}, ${manifest.shardFormat}${manifest.encryption ? ", encrypted" : ""}`,
        `- Records: ${recordCount.toLocaleString("en")}, ${manifest.vectorCount.toLocaleString("en")} with vectors, in ${counted(shards.length, "shard")}`,
        `- Content: \`${contentHash}\``,
      ].join("\n"),
    };
  },
};

async function exportTo(directory: string, { migration, signal, emit }: PhaseContext): Promise<Manifest> {
  const meter = new ProgressMeter((event) => emit({ ...event, phase: "export" }));
  return await writeDump(migration.source.records, directory, {
    format: migration.dumpFormat,
    ...(migration.dumpKey && { key: migration.dumpKey }),
    // The ledger keeps other processes away: what is there was left by one that was killed.
    discardPartial: true,
    signal,
    onEvent: (event) => {
      if (event.type === "batch-end") meter.update(event.done, event.total);
      else emit({ ...event, phase: "export" });
    },
  });
}

/** Of a server only the count shows whether it was written to; the verification tells the rest. */
async function exportInputs({ migration, signal }: PhaseContext): Promise<unknown> {
  const { source, dumpFormat, dumpKey } = migration;
  const { recordCount } = await source.records.describe({ signal });
  return [source.place, source.fingerprint ?? "live", recordCount, dumpFormat, dumpKey?.id ?? null];
}

function isDump({ migration: { source } }: PhaseContext): boolean {
  return source.dumpDirectory !== undefined;
}

/** The dump that is imported: the source itself, or what was exported of it. */
export function dumpDirectoryOf({ migration: { source }, outcomeOf }: PhaseContext): string {
  const exported = outcomeOf("export")?.facts as ExportFacts | undefined;
  const directory = source.dumpDirectory ?? exported?.directory;
  if (directory === undefined) throw new Error("There is no dump before the export.");
  return directory;
}
