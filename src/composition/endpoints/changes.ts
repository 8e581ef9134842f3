import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { DataError } from "../../foundation/errors.ts";
import { JoinedSource, type JoinReport } from "../../migration/join/index.ts";
import { type ClientLayout, withLayout } from "../../migration/layout.ts";
import { MappedSource } from "../../migration/mapped-source.ts";
import {
  AcceptedSource,
  type AcceptedSourceOptions,
  DroppedKeysSource,
} from "../../migration/omission/index.ts";
import { KeyRenaming, RenamedSource } from "../../migration/rename/index.ts";
import type { RecordSource } from "../../migration/source.ts";

/** What happens to the records on their way to the target, in this order. */
export interface ChangeOptions {
  /** Metadata keys of the source that are left out. */
  readonly droppedKeys?: readonly string[];
  /** A data file whose fields are joined by id. */
  readonly join?: string;
  /** Metadata keys that get new names: `auto`, or the path of a JSON file that maps old to new names. */
  readonly renameKeys?: string;
  /** The client whose Upstash store will read the target. */
  readonly layout?: ClientLayout;
}

export interface RecordChanges {
  /** Another text for other changes; `""` without any. */
  readonly fingerprint: string;
  /** @throws {DataError} if the file to join cannot be read */
  apply(records: RecordSource): Promise<ChangedRecords>;
}

interface ChangedRecords {
  readonly records: RecordSource;
  /** Result of the join in the last whole pass; `undefined` if nothing is joined. */
  readonly joinReport: () => JoinReport | undefined;
}

/**
 * @param acceptance leaves out the records that the target refuses, as the last change
 * @throws {UsageError} for new names that cannot be used
 * @throws {DataError} if a file cannot be read
 */
export function recordChanges(options: ChangeOptions, acceptance?: AcceptedSourceOptions): RecordChanges {
  const { droppedKeys = [], join, renameKeys, layout } = options;
  const renaming = renameKeys === undefined ? undefined : KeyRenaming.parse(renameKeys);
  const parts = [
    join === undefined ? "" : hashOf(join),
    renaming?.fingerprint ?? "",
    layout ?? "",
    droppedKeys.length === 0 ? "" : JSON.stringify(droppedKeys),
    acceptance ? "skip-refused" : "",
  ];
  return {
    fingerprint: parts.join(" ").trim(),
    apply: async (source) => {
      const trimmed = droppedKeys.length === 0 ? source : new DroppedKeysSource(source, droppedKeys);
      const joined =
        join === undefined ? undefined : await JoinedSource.open({ source: trimmed, file: join });
      const whole = joined ?? trimmed;
      const renamed = renaming ? new RenamedSource(whole, renaming) : whole;
      const laidOut = layout === undefined ? renamed : inLayout(renamed, layout);
      const records = acceptance ? new AcceptedSource(laidOut, acceptance) : laidOut;
      return { records, joinReport: () => joined?.report };
    },
  };
}

function inLayout(source: RecordSource, layout: ClientLayout): RecordSource {
  return new MappedSource(source, (record) => ({ ...record, metadata: withLayout(record, layout) }));
}

/** @throws {DataError} */
function hashOf(file: string): string {
  try {
    return createHash("sha256").update(readFileSync(file)).digest("hex");
  } catch (cause) {
    throw new DataError(file, `${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}
