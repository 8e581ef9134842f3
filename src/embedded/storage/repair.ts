import { existsSync } from "node:fs";
import { attempt } from "../../foundation/attempt.ts";
import { StorageError } from "../../foundation/errors.ts";
import { byName } from "../../foundation/own-keys.ts";
import type { Database } from "../../sqlite/database.ts";
import { storageFile, translateFailure } from "../../sqlite/failures.ts";
import { rebuild } from "../../sqlite/repair.ts";
import type { IndexSettings } from "../settings.ts";
import { removeMirrors } from "./restore.ts";
import {
  isIntact,
  type RecordRow,
  type SettingsRow,
  selectRecords,
  settingsAreIntact,
  toRecord,
} from "./rows.ts";
import { indexDatabase } from "./schema.ts";
import { Storage } from "./storage.ts";
import { requireIntact } from "./verify.ts";

export interface RepairReport {
  /** Records in the repaired index, by namespace. */
  readonly kept: Readonly<Record<string, number>>;
  /** Records that could not be read whole; those whose id could not be read either are only counted. */
  readonly lost: number;
  /** Whether the file still says how many records it held. Otherwise `lost` counts only those that were found. */
  readonly isLossKnown: boolean;
  /** Ids of lost records, 100 at most. */
  readonly lostIds: readonly string[];
  /** The damaged file, which is kept. */
  readonly damagedFile: string;
}

const maximumLostIds = 100;
const batchSize = 1_000;

const everyPart = { metadata: true, data: true, vectors: true };

/**
 * Copies every intact record into a new index, which replaces the damaged one. The damaged file
 * is kept beside it. A process that has the index open gets a StorageError at its next call.
 *
 * @param path the file of the index; `indexFile(directory)` names that of a directory
 * @param wanted the settings for an index whose own cannot be read
 * @throws {StorageError} if the file does not exist, or the disk refuses; the damaged file stays
 *
 * @example
 * const { kept, lost } = repairIndex(indexFile(".ragfood"), defaultSettings);
 */
export function repairIndex(path: string, wanted: IndexSettings): RepairReport {
  if (!existsSync(path)) {
    throw new StorageError(path, `There is no index at ${path}.`, { hint: "Run: ragfood ingest" });
  }
  try {
    const { result, damagedFile } = rebuild(indexDatabase(path), (source, draft) => {
      const report = copyRecords(source, draft, wanted);
      requireIntact(draft, "The repaired index", "Check the disk.");
      removeMirrors(path);
      return report;
    });
    return { ...result, damagedFile };
  } catch (error) {
    throw translateFailure(storageFile(path, `The index at ${path} cannot be repaired`), error);
  }
}

type Copied = Omit<RepairReport, "damagedFile">;

function copyRecords(source: Database | undefined, draft: string, wanted: IndexSettings): Copied {
  const target = new Storage(draft);
  try {
    const settings = target.settle((source && attempt(() => readSettings(source))) ?? wanted);
    const report = source
      ? new Copy(source, target, settings).run()
      : { kept: {}, lost: 0, isLossKnown: false, lostIds: [] };
    target.foldLog();
    return report;
  } finally {
    target.close();
  }
}

function readSettings(source: Database): IndexSettings | undefined {
  const row = source.get("SELECT name, value, checksum FROM settings") as SettingsRow | undefined;
  return row && settingsAreIntact(row) ? (JSON.parse(row.value) as IndexSettings) : undefined;
}

interface Place {
  readonly slot: number;
  readonly namespace: number;
  readonly position: number;
}

/** Reads a damaged database one slot at a time, so that a damaged page costs only the records on it. */
class Copy {
  readonly #source: Database;
  readonly #target: Storage;
  readonly #settings: IndexSettings;

  constructor(source: Database, target: Storage, settings: IndexSettings) {
    this.#source = source;
    this.#target = target;
    this.#settings = settings;
  }

  run(): Copied {
    const kept = byName<number>([]);
    const places = this.#places();
    for (let first = 0; first < places.length; ) {
      const { namespace } = places[first] as Place;
      const name = this.#nameOf(namespace);
      const batch = places.slice(first, first + batchSize).filter((place) => place.namespace === namespace);
      first += batch.length;
      this.#target.write(name, (writer) => {
        for (const { slot } of batch) {
          const row = attempt(() =>
            this.#get<RecordRow>(`${selectRecords(everyPart)} WHERE r.slot = ?`, slot),
          );
          if (row === undefined || !isIntact(row)) continue;
          const record = toRecord(row, everyPart);
          this.#requireDimension(record.dense);
          writer.put(record);
          kept[name] = (kept[name] ?? 0) + 1;
        }
      });
    }
    const count = Object.values(kept).reduce((sum, each) => sum + each, 0);
    const counted = attempt(() =>
      this.#get<{ sum: number }>("SELECT sum(record_count) AS sum FROM namespaces"),
    );
    const lost = Math.max(0, (counted?.sum ?? places.length) - count);
    return { kept, lost, isLossKnown: counted !== undefined, lostIds: lost > 0 ? this.#lostIds() : [] };
  }

  /** Of every record whose row can be found, in insertion order. */
  #places(): Place[] {
    const ends = [
      "SELECT seq AS slot FROM sqlite_sequence WHERE name = 'records'",
      "SELECT max(slot) AS slot FROM records",
      "SELECT max(slot) AS slot FROM vectors",
    ].map((sql) => attempt(() => this.#get<{ slot: number | null }>(sql))?.slot ?? 0);
    const places: Place[] = [];
    for (let slot = 1; slot <= Math.max(...ends); slot++) {
      const place = attempt(() =>
        this.#get<Place>("SELECT slot, namespace, position FROM records WHERE slot = ?", slot),
      );
      if (place) places.push(place);
    }
    return places.sort((one, other) => one.namespace - other.namespace || one.position - other.position);
  }

  /** Ids that the index of ids still lists, and that were not copied. */
  #lostIds(): string[] {
    const ids: string[] = [];
    attempt(() => {
      for (const row of this.#source.each("SELECT namespace, id FROM records INDEXED BY records_by_id")) {
        const { namespace, id } = row as { namespace: number; id: string };
        const known = this.#target.findNamespace(this.#nameOf(namespace));
        if (known === undefined || this.#target.findSlot(known, id) === undefined) ids.push(id);
        if (ids.length === maximumLostIds) return;
      }
    });
    return ids;
  }

  #nameOf(namespace: number): string {
    const sql = "SELECT name FROM namespaces WHERE namespace = ?";
    return attempt(() => this.#get<{ name: string }>(sql, namespace))?.name ?? `recovered-${namespace}`;
  }

  #requireDimension(dense: Float32Array | undefined): void {
    const { dimension } = this.#settings;
    if (dense === undefined || dense.length === dimension) return;
    throw new StorageError(
      this.#source.file.path,
      `The settings of the index cannot be read, and its vectors have ${dense.length} dimensions where ${dimension} are set.`,
      { hint: "Set the embedder that made the vectors, then run the command again." },
    );
  }

  #get<Row>(sql: string, ...values: number[]): Row | undefined {
    return this.#source.get(sql, ...values) as Row | undefined;
  }
}
