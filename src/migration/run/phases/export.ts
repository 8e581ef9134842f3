import { existsSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { replaceFile } from "../../../foundation/durable-file.ts";
import { UsageError } from "../../../foundation/errors.ts";
import { counted } from "../../../foundation/plural.ts";
import { type Manifest, openDump, writeDump } from "../../dump/index.ts";
import { inputsHash } from "../inputs.ts";
import type { Migration } from "../migration.ts";
import type { Phase, PhaseContext } from "../phase.ts";
import { ProgressMeter } from "../progress-meter.ts";

export interface ExportFacts {
  readonly directory: string;
  readonly recordCount: number;
  readonly byteCount: number;
  readonly contentHash: string;
}

/**
 * Writes the records of the source, as they are, into a dump: what is imported, and what stays. Where the target is
 * a dump, it is that one, with what is joined to the records.
 */
export const exportPhase: Phase = {
  name: "export",
  leftOut: ({ migration: { source, target } }) =>
    source.dumpDirectory !== undefined && target.dumpDirectory === undefined
      ? "the source is a dump"
      : undefined,
  inputs: exportInputs,
  isInPlace: ({ facts }) => existsSync(join((facts as ExportFacts).directory, "manifest.json")),
  async run(context) {
    const { migration } = context;
    const name = `dump-${inputsHash(await exportInputs(context)).slice(0, 8)}`;
    const directory = migration.target.dumpDirectory ?? join(migration.directory, name);
    const isThere = existsSync(join(directory, "manifest.json"));
    // Check and verification look at every record of one that is there: it is what is wanted, or is told.
    const manifest = isThere ? openDump(directory, migration.dumpKey) : await exportTo(directory, context);
    requireLike(manifest, directory, migration);
    const { recordCount, byteCount, contentHash, shards } = manifest;
    const facts: ExportFacts = { directory, recordCount, byteCount, contentHash };
    return {
      summary: `${counted(recordCount, "record")} in ${directory}, ${(byteCount / 2 ** 20).toFixed(1)} MiB${isThere ? ", which was there" : ""}`,
      facts,
      markdown: [
        `- Dump: ${directory}, ${manifest.shardFormat}${manifest.encryption ? ", encrypted" : ""}`,
        `- Records: ${recordCount.toLocaleString("en")}, ${manifest.vectorCount.toLocaleString("en")} with vectors, in ${counted(shards.length, "shard")}`,
        `- Content: \`${contentHash}\``,
      ].join("\n"),
    };
  },
};

/** @throws {UsageError} for a dump that is there and was made otherwise than it is asked for */
function requireLike({ shardFormat, encryption }: Manifest, directory: string, migration: Migration): void {
  if (shardFormat === migration.dumpFormat && (encryption === null) === (migration.dumpKey === undefined))
    return;
  throw new UsageError(
    `${directory} is there already, as ${shardFormat}, ${encryption ? "encrypted" : "not encrypted"}.`,
    { hint: "A dump is never written over: name another directory, or ask for it as it is." },
  );
}

/**
 * Writes the dump of a migration: into its own directory, or as its target.
 *
 * @throws {CancelledError} nothing of it is left
 * @throws {StorageError} where it is there already, or the disk refuses
 * @throws {DataError} where a record would not come back the same
 */
export async function exportTo(
  directory: string,
  { migration, signal, emit }: Pick<PhaseContext, "migration" | "signal" | "emit">,
): Promise<Manifest> {
  const meter = new ProgressMeter((event) => emit({ ...event, phase: "export" }));
  const isTarget = migration.target.dumpDirectory !== undefined;
  const begun = new BegunExport(migration.directory, directory);
  // In the migration's own directory nobody else writes.
  const discardPartial = !isTarget || begun.isKnown;
  if (isTarget) await begun.note();
  const manifest = await writeDump(isTarget ? migration.wanted : migration.source.records, directory, {
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
 * migration: a draft that is noted was left by one that was killed, and any other may be somebody else's.
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

  /** A draft of somebody else is not taken for one's own the next time. */
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

/** Of a server only the count shows whether it was written to; the verification tells the rest. */
async function exportInputs({ migration, signal }: PhaseContext): Promise<unknown> {
  const { source, target, joinFingerprint, dumpFormat, dumpKey } = migration;
  const { recordCount } = await source.records.describe({ signal });
  const { dumpDirectory } = target;
  return [
    [source.place, source.fingerprint ?? "live", recordCount, dumpFormat, dumpKey?.id ?? null],
    ...(dumpDirectory === undefined ? [] : [[dumpDirectory, joinFingerprint]]),
  ];
}

/** The dump that is checked and imported: the target, the source itself, or what was exported of it. */
export function dumpDirectoryOf({ migration: { source, target }, outcomeOf }: PhaseContext): string {
  const exported = outcomeOf("export")?.facts as ExportFacts | undefined;
  const directory = target.dumpDirectory ?? source.dumpDirectory ?? exported?.directory;
  if (directory === undefined) throw new Error("There is no dump before the export.");
  return directory;
}
