import type { StatementSyncInstance } from "@photostructure/sqlite";
import type { StoredRecord } from "./record.ts";
import { textToColumn } from "./text.ts";
import { denseToBytes, sparseToBytes } from "./vectors.ts";

/** Writes to one namespace, inside a transaction that `Storage.write` has begun. */
export class NamespaceWriter {
  readonly namespace: number;
  readonly #prepare: (sql: string) => StatementSyncInstance;
  #nextPosition: number;
  #recordCount: number;

  constructor(prepare: (sql: string) => StatementSyncInstance, name: string) {
    const row = prepare(
      "SELECT namespace, next_position AS nextPosition, record_count AS recordCount FROM namespaces WHERE name = ?",
    ).get(name) as { namespace: number; nextPosition: number; recordCount: number };
    this.#prepare = prepare;
    this.namespace = row.namespace;
    this.#nextPosition = row.nextPosition;
    this.#recordCount = row.recordCount;
  }

  /** Stores a record whole; one of the same id gives way and its place in insertion order is kept. */
  put(record: StoredRecord): void {
    const existing = this.#prepare("SELECT slot, position FROM records WHERE namespace = ? AND id = ?").get(
      this.namespace,
      record.id,
    ) as { slot: number; position: number } | undefined;
    if (existing) this.#bury(existing.slot);
    else this.#recordCount++;
    const { lastInsertRowid: slot } = this.#prepare(
      "INSERT INTO records (namespace, position, id, metadata, data) VALUES (?, ?, ?, ?, ?)",
    ).run(
      this.namespace,
      existing?.position ?? this.#nextPosition++,
      record.id,
      record.metadata ?? null,
      textToColumn(record.data),
    );
    this.#prepare("INSERT INTO vectors (slot, dense, sparse) VALUES (?, ?, ?)").run(
      slot,
      record.dense ? denseToBytes(record.dense) : null,
      record.sparse ? sparseToBytes(record.sparse) : null,
    );
  }

  remove(slot: number): void {
    this.#bury(slot);
    this.#recordCount--;
  }

  #bury(slot: number): void {
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
