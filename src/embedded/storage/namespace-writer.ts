import type { StatementSyncInstance } from "../../sqlite/database.ts";
import type { StoredRecord } from "./record.ts";
import { dataChecksum, recordChecksum, vectorChecksum } from "./rows.ts";
import { requireKey, requireWholeText, textToColumn } from "./text.ts";
import { denseToBytes, sparseToBytes } from "./vectors.ts";

/** Writes to one namespace, inside a transaction that `Storage.write` has begun. */
export class NamespaceWriter {
  readonly namespace: number;
  readonly #prepare: (sql: string) => StatementSyncInstance;
  readonly #onRemoved: (slot: number) => void;
  #nextPosition: number;
  #recordCount: number;

  /** @param onRemoved called with each slot that becomes invalid */
  constructor(
    prepare: (sql: string) => StatementSyncInstance,
    name: string,
    onRemoved: (slot: number) => void,
  ) {
    const row = prepare(
      "SELECT namespace, next_position AS nextPosition, record_count AS recordCount FROM namespaces WHERE name = ?",
    ).get(name) as { namespace: number; nextPosition: number; recordCount: number };
    this.#prepare = prepare;
    this.#onRemoved = onRemoved;
    this.namespace = row.namespace;
    this.#nextPosition = row.nextPosition;
    this.#recordCount = row.recordCount;
  }

  /**
   * Stores a whole record. It replaces a record with the same id and keeps its place in insertion order.
   * @throws {InvalidRequestError} 422 for a text that cannot be stored unchanged; roll the transaction back
   */
  put(record: StoredRecord): void {
    requireKey("id", record.id);
    requireWholeText("metadata", record.metadata ?? "");
    const existing = this.#prepare("SELECT slot, position FROM records WHERE namespace = ? AND id = ?").get(
      this.namespace,
      record.id,
    ) as { slot: number; position: number } | undefined;
    if (existing) this.#bury(existing.slot);
    else this.#recordCount++;
    this.#insert(existing?.position ?? this.#nextPosition++, record);
  }

  #insert(position: number, record: StoredRecord): void {
    const { namespace } = this;
    const { id } = record;
    const metadata = record.metadata ?? null;
    const data = textToColumn(record.data);
    const inserted = this.#prepare(
      "INSERT INTO records (namespace, position, checksum, data_checksum, id, metadata, data) VALUES (?, ?, ?, ?, ?, ?, ?)",
    ).run(
      namespace,
      position,
      recordChecksum({ namespace, position, id, metadata }),
      dataChecksum({ id, data }),
      id,
      metadata,
      data,
    );
    const slot = Number(inserted.lastInsertRowid);
    const dense = record.dense ? denseToBytes(record.dense) : null;
    const sparse = record.sparse ? sparseToBytes(record.sparse) : null;
    this.#prepare("INSERT INTO vectors (slot, checksum, dense, sparse) VALUES (?, ?, ?, ?)").run(
      slot,
      vectorChecksum({ slot, dense, sparse }),
      dense,
      sparse,
    );
  }

  remove(slot: number): void {
    this.#bury(slot);
    this.#recordCount--;
  }

  #bury(slot: number): void {
    this.#onRemoved(slot);
    this.#prepare("DELETE FROM records WHERE slot = ?").run(slot);
    this.#prepare("DELETE FROM vectors WHERE slot = ?").run(slot);
    this.#prepare("INSERT INTO tombstones (namespace, slot) VALUES (?, ?)").run(this.namespace, slot);
  }

  /** Writes the counters back. */
  finish(): void {
    this.#prepare("UPDATE namespaces SET next_position = ?, record_count = ? WHERE namespace = ?").run(
      this.#nextPosition,
      this.#recordCount,
      this.namespace,
    );
  }
}
