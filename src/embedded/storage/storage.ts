import { StorageError } from "../../foundation/errors.ts";
import { Catalog } from "./catalog.ts";
import { type JoinedVectors, selectJoined, splitVectors } from "./joined-vectors.ts";
import { NamespaceWriter } from "./namespace-writer.ts";
import { ReadRecords } from "./read-records.ts";
import type { StoredRecord } from "./record.ts";
import {
  isIntact,
  type RecordParts,
  type RecordRow,
  recordColumns,
  rowOfList,
  selectListed,
  selectRecords,
  toRecord,
  toVectors,
  type VectorColumns,
  vectorColumns,
  vectorsAreIntact,
} from "./rows.ts";
import { SlotGoneError } from "./slot-gone.ts";
import { requireKey } from "./text.ts";
import { denseFromBytes, type PackedSparseVector } from "./vectors.ts";

export type { RecordParts } from "./rows.ts";

/** A row for a mirror: what search needs of a record, in the order it was written. */
export interface SlotRow {
  readonly slot: number;
  readonly metadata: string | undefined;
  readonly dense: Float32Array | undefined;
  readonly sparse: PackedSparseVector | undefined;
}

/** A slot that a search found, and whether its vectors were compared with their checksum. */
export interface FoundSlot {
  readonly slot: number;
  readonly isCompared: boolean;
}

/** Records that a search found and that are read at once, up to 1 MB of text each. */
const foundAtOnce = 16;

/** Tombstones kept for readers that lag behind; a reader that lags further starts again. */
const tombstonesKept = 200_000;

/** The durable truth of one index: the tables of a SQLite file. Every method may throw a StorageError. */
export class Storage extends Catalog {
  readonly #read = new ReadRecords();

  /** Called by `version`, at the start of every search. */
  override dataVersion(): number {
    const dataVersion = super.dataVersion();
    this.#read.renew(dataVersion);
    return dataVersion;
  }

  /** Writes to one namespace in one transaction; the namespace is created if it does not exist. */
  write<T>(name: string, action: (writer: NamespaceWriter) => T): T {
    return this.transaction(() => {
      this.prepare("INSERT OR IGNORE INTO namespaces (name) VALUES (?)").run(requireKey("namespace", name));
      return this.#writeInside(name, action);
    });
  }

  /** As `write`, but does nothing and returns `undefined` if the namespace does not exist. */
  change<T>(name: string, action: (writer: NamespaceWriter) => T): T | undefined {
    if (this.findNamespace(name) === undefined) return undefined;
    return this.transaction(() => {
      return this.findNamespace(name) === undefined ? undefined : this.#writeInside(name, action);
    });
  }

  #writeInside<T>(name: string, action: (writer: NamespaceWriter) => T): T {
    const writer = new NamespaceWriter(
      (sql) => this.prepare(sql),
      name,
      (slot) => this.#read.forget(slot),
    );
    const result = action(writer);
    writer.finish();
    this.prepare("DELETE FROM tombstones WHERE sequence <= ?").run(this.lastTombstone() - tombstonesKept);
    return result;
  }

  /** Empties a namespace; false if it does not exist. */
  emptyNamespace(name: string): boolean {
    return this.transaction(() => {
      const existed = this.#removeNamespace(name);
      if (existed) this.prepare("INSERT INTO namespaces (name) VALUES (?)").run(name);
      return existed;
    });
  }

  /** Empties every namespace. */
  emptyAllNamespaces(): void {
    this.transaction(() => {
      for (const { name } of this.listNamespaces()) {
        this.#removeNamespace(name);
        this.prepare("INSERT INTO namespaces (name) VALUES (?)").run(name);
      }
    });
  }

  /** Gives a namespace another name, unless it does not exist, or the new name is taken and may not be replaced. */
  renameNamespace(name: string, newName: string, replace: boolean): "renamed" | "missing" | "taken" {
    return this.transaction(() => {
      if (this.findNamespace(name) === undefined) return "missing";
      if (name === newName) return "renamed";
      if (!replace && this.findNamespace(newName) !== undefined) return "taken";
      this.#removeNamespace(newName);
      this.prepare("UPDATE namespaces SET name = ? WHERE name = ?").run(newName, name);
      return "renamed";
    });
  }

  /** Removes a namespace and all its records; false if it does not exist. */
  removeNamespace(name: string): boolean {
    return this.transaction(() => this.#removeNamespace(name));
  }

  #removeNamespace(name: string): boolean {
    const namespace = this.findNamespace(name);
    if (namespace === undefined) return false;
    this.#read.clear();
    this.prepare("DELETE FROM vectors WHERE slot IN (SELECT slot FROM records WHERE namespace = ?)").run(
      namespace,
    );
    this.prepare("DELETE FROM records WHERE namespace = ?").run(namespace);
    this.prepare("DELETE FROM tombstones WHERE namespace = ?").run(namespace);
    this.prepare("DELETE FROM mirrors WHERE namespace = ?").run(namespace);
    this.prepare("DELETE FROM namespaces WHERE namespace = ?").run(namespace);
    return true;
  }

  /** The slot that was used last, by any namespace; 0 before the first. */
  lastSlot(): number {
    const row = this.get("SELECT seq FROM sqlite_sequence WHERE name = 'records'") as
      | { seq: number }
      | undefined;
    return row?.seq ?? 0;
  }

  /** Records of a namespace in slots after this one. */
  countAfter(namespace: number, slot: number): number {
    const row = this.get(
      "SELECT count(*) AS count FROM records WHERE slot > ? AND +namespace = ?",
      slot,
      namespace,
    );
    return (row as { count: number }).count;
  }

  /** The slot of a record; `undefined` if it does not exist. */
  findSlot(namespace: number, id: string): number | undefined {
    const row = this.prepare("SELECT slot FROM records WHERE namespace = ? AND id = ?").get(
      namespace,
      requireKey("id", id),
    );
    return (row as { slot: number } | undefined)?.slot;
  }

  /** The record in a slot, with the requested parts; `undefined` if the slot is no longer valid. */
  readSlot(slot: number, parts: RecordParts): StoredRecord | undefined {
    const row = this.prepare(`${selectRecords(parts)} WHERE r.slot = ?`).get(slot);
    return row && this.#toRecord(row as unknown as RecordRow, parts);
  }

  /**
   * The records in slots that a search found, one after the other. A score is computed from vectors: when a record is
   * read from disk, these are compared with their checksum even if they are not requested, unless `isCompared` says that
   * they were, or `readDense` did it lately. Records found lately are not read again. Call inside a snapshot.
   *
   * @throws {SlotGoneError} if a slot is no longer valid
   */
  *readFound(found: readonly FoundSlot[], parts: RecordParts): Generator<StoredRecord> {
    this.dataVersion();
    for (let start = 0; start < found.length; start += foundAtOnce) {
      const few = found.slice(start, start + foundAtOnce);
      const kept = few.map(({ slot }) => this.#read.find(slot, parts));
      const missing = few.filter((_, place) => kept[place] === undefined);
      const read = missing.length === 0 ? undefined : this.#readListed(missing, parts).values();
      for (const record of kept) yield record ?? (read?.next().value as StoredRecord);
    }
  }

  #readListed(found: readonly FoundSlot[], parts: RecordParts): StoredRecord[] {
    const isCompared = found.every((one) => one.isCompared || this.#read.findDense(one.slot) !== undefined);
    const toRead = { ...parts, metadata: true, vectors: parts.vectors || !isCompared };
    const statement = this.prepare(selectListed(toRead));
    statement.setReturnArrays(true);
    const rows = statement.all(JSON.stringify(found.map(({ slot }) => slot))) as unknown as unknown[][];
    return found.map(({ slot }, place) => {
      const row = rows[place] && rowOfList(rows[place], toRead);
      if (row?.slot !== slot) throw new SlotGoneError(this.path, slot);
      return this.#read.keep(slot, this.#toRecord(row, toRead), parts);
    });
  }

  /**
   * Up to `limit` records after position `after` whose id starts with `prefix`, in insertion order.
   */
  *readPage(
    namespace: number,
    after: number,
    limit: number,
    prefix: string,
    parts: RecordParts,
  ): Generator<{ position: number; record: StoredRecord }> {
    requireKey("prefix", prefix);
    const rows = this.prepare(
      `${selectRecords(parts)} WHERE r.namespace = ? AND r.position > ? ${prefix === "" ? "" : withPrefix}
       ORDER BY r.position LIMIT ?`,
    ).iterate(namespace, after, ...(prefix === "" ? [] : [prefix, prefix]), limit);
    for (const row of rows as Iterable<unknown> as Iterable<RecordRow>) {
      yield { position: row.position, record: this.#toRecord(row, parts) };
    }
  }

  /** A random record: the first at or after a random position. */
  readRandom(namespace: number, parts: RecordParts): StoredRecord | undefined {
    const { last } = this.prepare(
      "SELECT coalesce(max(position), 0) AS last FROM records WHERE namespace = ?",
    ).get(namespace) as { last: number };
    const after = Math.floor(Math.random() * last);
    for (const { record } of this.readPage(namespace, after, 1, "", parts)) return record;
    return undefined;
  }

  slotsWithPrefix(namespace: number, prefix: string): number[] {
    requireKey("prefix", prefix);
    const rows = this.prepare(`SELECT r.slot FROM records r WHERE r.namespace = ? ${withPrefix}`).all(
      namespace,
      prefix,
      prefix,
    );
    return rows.map((row) => (row as { slot: number }).slot);
  }

  /**
   * Rows written after slot `after` and up to slot `until`, oldest first. The plus keeps SQLite from scanning
   * the whole namespace for the one row that may be new.
   */
  *rowsBetween(namespace: number, after: number, until: number, withMetadata: boolean): Generator<SlotRow> {
    const columns = withMetadata ? recordColumns : "r.slot, r.id";
    const rows = this.prepare(
      `SELECT ${columns}, ${vectorColumns} FROM records r LEFT JOIN vectors v USING (slot)
       WHERE r.slot > ? AND r.slot <= ? AND +r.namespace = ? ORDER BY r.slot`,
    ).iterate(after, until, namespace);
    for (const row of rows as Iterable<unknown>) {
      const found = row as RecordRow & VectorColumns;
      if (!(withMetadata ? isIntact(found) : vectorsAreIntact(found))) throw this.#damaged(found.id);
      yield { slot: found.slot, metadata: found.metadata ?? undefined, ...toVectors(found) };
    }
  }

  /**
   * `float32[dimension]` for each slot: its dense vector, shared with other searches. One that was not read lately is
   * compared with its checksum; without that, a damaged vector would drop its record from results without an error.
   * Reading and comparing a vector of 1,024 dimensions takes 6 microseconds.
   *
   * @throws {SlotGoneError} if a slot is no longer valid
   * @throws {StorageError} for a damaged vector
   */
  readDense(slots: readonly number[]): Float32Array[] {
    const kept = slots.map((slot) => this.#read.findDense(slot));
    const missing = slots.filter((_, place) => kept[place] === undefined);
    const read = missing.length === 0 ? undefined : this.#readDense(missing).values();
    return kept.map((vector) => vector ?? (read?.next().value as Float32Array));
  }

  #readDense(slots: readonly number[]): Float32Array[] {
    const joined = this.get(selectJoined, JSON.stringify(slots)) as JoinedVectors;
    const vectors = splitVectors(joined, slots) ?? slots.map((slot) => this.#readOneDense(slot));
    for (const [place, slot] of slots.entries()) this.#read.keepDense(slot, vectors[place] as Float32Array);
    return vectors;
  }

  #readOneDense(slot: number): Float32Array {
    const row = this.get(`SELECT v.slot, ${vectorColumns} FROM vectors v WHERE v.slot = ?`, slot);
    const found = row as VectorColumns | undefined;
    if (!found?.dense || !vectorsAreIntact(found)) throw this.#unreadable(slot);
    return denseFromBytes(found.dense);
  }

  #unreadable(slot: number): StorageError {
    const record = this.get("SELECT id FROM records WHERE slot = ?", slot) as { id: string } | undefined;
    return record === undefined ? new SlotGoneError(this.path, slot) : this.#damaged(record.id);
  }

  /** The metadata of every record, by slot, oldest first. */
  *metadataBySlot(namespace: number): Generator<{ slot: number; metadata: string | undefined }> {
    const rows = this.prepare(
      `SELECT ${recordColumns} FROM records r WHERE r.namespace = ? ORDER BY r.slot`,
    ).iterate(namespace);
    for (const row of rows as Iterable<unknown>) {
      const found = row as RecordRow;
      if (!isIntact(found)) throw this.#damaged(found.id);
      yield { slot: found.slot, metadata: found.metadata ?? undefined };
    }
  }

  #toRecord(row: RecordRow, parts: RecordParts): StoredRecord {
    if (!isIntact(row)) throw this.#damaged(row.id);
    return toRecord(row, parts);
  }

  #damaged(id: string): StorageError {
    return new StorageError(
      this.path,
      `The index at ${this.path}: the record ${JSON.stringify(id)} is not what was written.`,
      { hint: "Upsert that record again or delete it, or restore a backup; then check the disk." },
    );
  }

  /** The number of the last tombstone, also if it was removed since; 0 before the first. */
  lastTombstone(): number {
    const row = this.get("SELECT seq FROM sqlite_sequence WHERE name = 'tombstones'") as
      | { seq: number }
      | undefined;
    return row?.seq ?? 0;
  }

  /** Slots that became invalid after tombstone `after`; `undefined` if that is no longer known. */
  tombstonesSince(namespace: number, after: number): { last: number; slots: number[] } | undefined {
    const last = this.lastTombstone();
    if (after < last - tombstonesKept) return undefined;
    const rows = this.prepare("SELECT slot FROM tombstones WHERE sequence > ? AND namespace = ?").all(
      after,
      namespace,
    );
    return { last, slots: rows.map((row) => (row as { slot: number }).slot) };
  }

  /** Size of the index in its file, in bytes. */
  byteSize(): number {
    const { page_count: pages } = this.prepare("PRAGMA page_count").get() as { page_count: number };
    const { page_size: pageSize } = this.prepare("PRAGMA page_size").get() as { page_size: number };
    return pages * pageSize;
  }
}

const withPrefix = "AND r.id >= ? AND r.id < (? || CAST(x'FF' AS TEXT))";
