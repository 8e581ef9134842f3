import { existsSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { replaceFile } from "../../../foundation/durable-file.ts";
import { UsageError } from "../../../foundation/errors.ts";
import { counted } from "../../../foundation/plural.ts";
import { type Manifest, openDump, writeDump } from "../../dump/index.ts";
import { ProgressMeter } from "../../progress-meter.ts";
import { inputsHash } from "../inputs.ts";
import type { Migration } from "../migration.ts";
import type { Phase, PhaseContext } from "../phase.ts";

export interface ExportFacts {
  readonly directory: string;
  readonly recordCount: number;
  readonly byteCount: number;
  readonly contentHash: string;
}

/**
 * Writes the records of the source, unchanged, into a dump that is imported and kept. If the target is a dump, the
 * export writes that one, with the joined fields.
 */
export const exportPhase: Phase = {
  name: "export",
  skipped: ({ migration: { source, target } }) =>
    source.dumpDirectory !== undefined && target.kind === "index" ? "the source is a dump" : undefined,
  inputs: exportInputs,
  isInPlace: ({ facts }) => existsSync(join((facts as ExportFacts).directory, "manifest.json")),
  async run(context) {
    const { migration } = context;
    const name = `dump-${inputsHash(await exportInputs(context)).slice(0, 8)}`;
    const directory = targetDump(migration) ?? join(migration.directory, name);
    const isThere = existsSync(join(directory, "manifest.json"));
    // Check and verification read every record of an existing one, and report what differs.
    const manifest = isThere ? openDump(directory, migration.dumpKey) : await exportTo(directory, context);
    requireLike(manifest, directory, migration);
    const { recordCount, byteCount, contentHash, shards } = manifest;
    const facts: ExportFacts = { directory, recordCount, byteCount, contentHash };
    return {
      summary: `${counted(recordCount, "record")} in ${directory}, ${(byteCount / 2 ** 20).toFixed(1)} MiB${isThere ? ", which existed" : ""}`,
      facts,
      markdown: [
        `- Dump: ${directory}, ${manifest.shardFormat}${manifest.encryption ? ", encrypted" : ""}`,
        `- Records: ${recordCount.toLocaleString("en")}, ${manifest.vectorCount.toLocaleString("en")} with vectors, in ${counted(shards.length, "shard")}`,
        `- Hash of the records with their vectors: \`${contentHash}\``,
      ].join("\n"),
    };
  },
};

/** @throws {UsageError} if the dump exists in another format, or encrypted otherwise */
function requireLike({ shardFormat, encryption }: Manifest, directory: string, migration: Migration): void {
  if (shardFormat === migration.dumpFormat && (encryption === null) === (migration.dumpKey === undefined))
    return;
  throw new UsageError(
    `${directory} already exists, as ${shardFormat}, ${encryption ? "encrypted" : "not encrypted"}.`,
    { hint: "A dump is never overwritten: name another directory, or the format that this one has." },
  );
}

/**
 * Writes the dump of a migration: into its own directory, or as its target.
 *
 * @throws {CancelledError} nothing of it remains
 * @throws {StorageError} if it exists, or the disk fails
 * @throws {DataError} if a record would not be read back the same
 */
export async function exportTo(
  directory: string,
  { migration, signal, emit }: Pick<PhaseContext, "migration" | "signal" | "emit">,
): Promise<Manifest> {
  const meter = new ProgressMeter((event) => emit({ ...event, phase: "export" }));
  const isTarget = migration.target.kind === "dump";
  const begun = new BegunExport(migration.directory, directory);
  // Nobody else writes to the migration's own directory.
  const discardPartial = !isTarget || begun.isKnown;
  if (isTarget) await begun.note();
  const records = isTarget ? migration.wanted : migration.source.records;
  const manifest = await writeDump(records, directory, {
    format: migration.dumpFormat,
    ...(migration.dumpKey && { key: migration.dumpKey }),
    discardPartial,
    signal,
    onEvent: (event) => {
      if (event.type === "batch-end") meter.update(event.done, event.total);
      else emit({ ...event, phase: "export" });
    },
  });
  begun.forget();
  return manifest;
}

/**
 * A note in the migration's directory that it is writing a dump. The ledger keeps other processes away from the
 * migration: a draft with a note was left by a killed run, and any other draft may belong to somebody else.
 */
class BegunExport {
  readonly #state: string;
  readonly #dump: string;

  constructor(state: string, dump: string) {
    this.#state = state;
    this.#dump = resolve(dump);
  }

  get isKnown(): boolean {
    return existsSync(this.#path) && readFileSync(this.#path, "utf8") === this.#dump;
  }

  /** Does not claim a draft that exists already. */
  async note(): Promise<void> {
    if (!existsSync(`${this.#dump}.partial`)) replaceFile(this.#path, this.#dump);
  }

  forget(): void {
    rmSync(this.#path, { force: true });
  }

  get #path(): string {
    return join(this.#state, begunFile);
  }
}

const begunFile = "export-begun";

/** A server shows changes only by its count; the verification finds the rest. */
async function exportInputs({ migration, signal }: PhaseContext): Promise<unknown> {
  const { source, changesFingerprint, dumpFormat, dumpKey } = migration;
  const { recordCount } = await source.records.describe({ signal });
  const dumpDirectory = targetDump(migration);
  return [
    [source.place, source.fingerprint ?? "live", recordCount, dumpFormat, dumpKey?.id ?? null],
    ...(dumpDirectory === undefined ? [] : [[dumpDirectory, changesFingerprint]]),
  ];
}

/** The dump that is checked and imported: the target, the source itself, or its export. */
export function dumpDirectoryOf({ migration, outcomeOf }: PhaseContext): string {
  const exported = outcomeOf("export")?.facts as ExportFacts | undefined;
  const directory = targetDump(migration) ?? migration.source.dumpDirectory ?? exported?.directory;
  if (directory === undefined) throw new Error("No dump exists before the export.");
  return directory;
}

function targetDump({ target }: Migration): string | undefined {
  return target.kind === "dump" ? target.directory : undefined;
}
