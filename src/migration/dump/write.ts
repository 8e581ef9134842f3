import { CancelledError, DataError } from "../../foundation/errors.ts";
import type { RecordSource, SourceDescription } from "../source.ts";
import type { Manifest, ShardEntry } from "./manifest.ts";
import { DumpWriter, type DumpWriterOptions } from "./writer.ts";

export type DumpEvent =
  /** Records were taken. */
  | { readonly type: "batch-end"; readonly done: number; readonly total: number }
  /** A shard is on disk. */
  | { readonly type: "shard-end"; readonly shard: ShardEntry };

export interface WriteDumpOptions extends Omit<DumpWriterOptions, "name" | "description" | "onShardEnd"> {
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: (event: DumpEvent) => void;
}

/**
 * Writes every record of a source into a new dump (docs/dump-format.md). The directory appears when all of
 * it is on disk. After an error or a cancellation nothing of it is left; a process that is killed leaves
 * `<directory>.partial`, which no reader accepts.
 *
 * @throws {CancelledError} when `signal` fires
 * @throws {DataError} if the source returns an id twice, a record that a dump would change, or
 * another number of records than it says
 * @throws {StorageError} if the directory exists, or the disk refuses
 */
export async function writeDump(
  source: RecordSource,
  directory: string,
  options: WriteDumpOptions = {},
): Promise<Manifest> {
  const { signal, onEvent, ...rest } = options;
  const call = { exactNumbers: true, signal };
  refuseCancelled(signal);
  const description = await source.describe(call);
  const writer = DumpWriter.create(directory, {
    ...rest,
    name: source.name,
    description,
    onShardEnd: (shard) => onEvent?.({ type: "shard-end", shard }),
  });
  try {
    for await (const records of source.records(call)) {
      refuseCancelled(signal);
      await writer.append(records);
      onEvent?.({ type: "batch-end", done: writer.recordCount, total: description.recordCount });
    }
    refuseCancelled(signal);
    requireAll(source.name, description, writer.recordCount);
    return await writer.finish();
  } finally {
    await writer.abandon();
  }
}

function requireAll(name: string, { recordCount }: SourceDescription, written: number): void {
  if (written === recordCount) return;
  throw new DataError(name, `${name} said it has ${recordCount} records and returned ${written}.`, {
    hint: "It was changed while it was read: stop what writes to it, and export again.",
  });
}

function refuseCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new CancelledError("The export was cancelled; nothing of it was left.");
}
