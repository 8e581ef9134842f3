/**
 * Writes directories as Chroma of each version does, for tests and measurements: tables, write-ahead queue and
 * HNSW files. It keeps no graph and answers no queries.
 */
import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type DatabaseSyncInstance, type StatementSyncInstance } from "@photostructure/sqlite";
import { type ChromaVersion, schemaOf, writesBlobs } from "./chroma-schema.ts";
import { type HnswElement, writeHnswFiles } from "./hnsw-writer.ts";
import { pickleAsPython, pickleAsRust } from "./pickle-writer.ts";

export type DistanceSpace = "l2" | "cosine" | "ip";

export type MetadataValue = string | number | bigint | boolean | null | (string | number | boolean)[];

export interface StoreChange {
  readonly id: string;
  readonly text?: string | undefined;
  /** Whole numbers are stored as such; `null` removes a key. */
  readonly metadata?: Readonly<Record<string, MetadataValue>> | undefined;
  readonly vector?: Float32Array | undefined;
}

export type StoreOperation = "add" | "update" | "upsert" | "delete";

export interface CollectionOptions {
  readonly name: string;
  readonly dimension: number;
  readonly space?: DistanceSpace;
  readonly tenant?: string;
  readonly database?: string;
  /** The name and model that versions from 1.0 note. */
  readonly embeddingFunction?: { readonly name: string; readonly model: string };
}

const operations: readonly StoreOperation[] = ["add", "update", "upsert", "delete"];

export class ChromaStore {
  readonly path: string;
  readonly version: ChromaVersion;
  readonly database: DatabaseSyncInstance;
  readonly #statements = new Map<string, StatementSyncInstance>();

  constructor(path: string, version: ChromaVersion) {
    this.path = path;
    this.version = version;
    mkdirSync(path, { recursive: true });
    this.database = new DatabaseSync(join(path, "chroma.sqlite3"));
    this.database.exec("PRAGMA synchronous = OFF");
    this.database.exec(schemaOf(version));
  }

  collection(options: CollectionOptions): StoreCollection {
    const { tenant = "default_tenant", database = "default_database" } = options;
    this.run("INSERT OR IGNORE INTO tenants VALUES (?)", tenant);
    this.run("INSERT OR IGNORE INTO databases VALUES (?, ?, ?)", `${tenant}/${database}`, database, tenant);
    return new StoreCollection(this, `${tenant}/${database}`, options);
  }

  /** All of `action` in one transaction. */
  transaction(action: () => void): void {
    this.database.exec("BEGIN");
    action();
    this.database.exec("COMMIT");
  }

  run(sql: string, ...values: (string | number | bigint | null | Uint8Array)[]): void {
    this.prepare(sql).run(...values);
  }

  prepare(sql: string): StatementSyncInstance {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  close(): void {
    this.#statements.clear();
    this.database.close();
  }
}

export class StoreCollection {
  readonly id: string = randomUUID();
  readonly vectorSegment: string = randomUUID();
  readonly metadataSegment: string = randomUUID();
  readonly options: CollectionOptions;
  /** Simulates a killed process: changes reach only the queue. */
  isKilled = false;
  readonly #store: ChromaStore;
  readonly #space: DistanceSpace;
  readonly #elements: HnswElement[] = [];
  readonly #labels = new Map<string, number>();
  readonly #sequences = new Map<string, number>();
  #unsynchronized: { sequence: number; operation: StoreOperation; change: StoreChange }[] = [];

  constructor(store: ChromaStore, databaseId: string, options: CollectionOptions) {
    this.#store = store;
    this.options = options;
    this.#space = options.space ?? "l2";
    const columns: Record<string, string | number> = {
      id: this.id,
      name: options.name,
      dimension: options.dimension,
      database_id: databaseId,
      ...this.#configuration(),
    };
    const names = Object.keys(columns);
    store.run(
      `INSERT INTO collections (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`,
      ...Object.values(columns),
    );
    const isOld = writesBlobs(store.version);
    if (isOld && options.space !== undefined) {
      store.run(
        "INSERT INTO collection_metadata (collection_id, key, str_value) VALUES (?, 'hnsw:space', ?)",
        this.id,
        options.space,
      );
    }
    for (const [segment, type, scope] of [
      [this.vectorSegment, "urn:chroma:segment/vector/hnsw-local-persisted", "VECTOR"],
      [this.metadataSegment, "urn:chroma:segment/metadata/sqlite", "METADATA"],
    ] as const) {
      store.run(
        "INSERT INTO segments (id, type, scope, collection) VALUES (?, ?, ?, ?)",
        segment,
        type,
        scope,
        this.id,
      );
    }
  }

  /** Where Chroma notes a collection's space and embedding function. */
  #configuration(): Record<string, string> {
    const { embeddingFunction } = this.options;
    const named = embeddingFunction && {
      embedding_function: {
        type: "known",
        name: embeddingFunction.name,
        config: { model_name: embeddingFunction.model },
      },
    };
    const schema = {
      keys: {
        "#embedding": {
          float_list: { vector_index: { enabled: true, config: { space: this.#space, ...named } } },
        },
      },
    };
    switch (this.#store.version) {
      case "0.4":
        return { topic: this.#topic() };
      case "0.6":
        return { config_json_str: JSON.stringify({ hnsw_configuration: { space: "l2" } }) };
      case "1.0":
        return {
          config_json_str: JSON.stringify({ vector_index: { hnsw: { space: this.#space } }, ...named }),
        };
      default:
        return { config_json_str: "{}", schema_str: JSON.stringify(schema) };
    }
  }

  #topic(): string {
    return `persistent://default/default/${this.id}`;
  }

  /** Carries out one change as Chroma does: noted in the queue, then in the tables. */
  apply(operation: StoreOperation, change: StoreChange): void {
    const sequence = this.#enqueue(operation, change);
    this.#unsynchronized.push({ sequence, operation, change });
    if (this.isKilled) return;
    this.#applyMetadata(operation, change, sequence);
    this.#store.run(
      "INSERT OR REPLACE INTO max_seq_id VALUES (?, ?)",
      this.metadataSegment,
      this.#sequenceValue(sequence),
    );
  }

  /** Writes the HNSW files from what the queue holds, and purges the queue if the version does. */
  sync(): void {
    const last = this.#unsynchronized.at(-1)?.sequence;
    if (last === undefined) return;
    for (const { sequence, operation, change } of this.#unsynchronized)
      this.#index(operation, change, sequence);
    this.#unsynchronized = [];
    const { version, path } = this.#store;
    const directory = join(path, this.vectorSegment);
    writeHnswFiles(directory, this.#elements, this.options.dimension, this.#space);
    const content = {
      dimension: this.options.dimension,
      elementsAdded: this.#elements.length,
      lastSequence: last,
      labels: this.#labels,
      sequences: this.#sequences,
    };
    writeFileSync(
      join(directory, "index_metadata.pickle"),
      version === "0.4" || version === "0.6" ? pickleAsPython(content, version) : pickleAsRust(content),
    );
    if (version === "0.4") return;
    this.#store.run(
      "INSERT OR REPLACE INTO max_seq_id VALUES (?, ?)",
      this.vectorSegment,
      this.#sequenceValue(last),
    );
    this.#store.run("DELETE FROM embeddings_queue WHERE topic = ? AND seq_id < ?", this.#topic(), last);
  }

  /** Takes the HNSW files away, as two processes that write to one directory do. */
  loseFiles(): void {
    rmSync(join(this.#store.path, this.vectorSegment), { recursive: true, force: true });
  }

  #enqueue(operation: StoreOperation, { id, text, metadata, vector }: StoreChange): number {
    const noted = { ...metadata, ...(text !== undefined && { "chroma:document": text }) };
    const { lastInsertRowid } = this.#store
      .prepare(
        "INSERT INTO embeddings_queue (operation, topic, id, vector, encoding, metadata) VALUES (?, ?, CAST(? AS TEXT), ?, ?, ?)",
      )
      .run(
        operations.indexOf(operation),
        this.#topic(),
        bytesOf(id),
        vector ? new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength) : null,
        vector ? "FLOAT32" : null,
        operation === "delete" ? null : jsonOf(noted),
      );
    return Number(lastInsertRowid);
  }

  #applyMetadata(operation: StoreOperation, change: StoreChange, sequence: number): void {
    const row = this.#row(change.id);
    if (operation === "delete") {
      if (row !== undefined) this.#deleteRow(row);
    } else if (row === undefined ? operation !== "update" : operation !== "add") {
      const target = row ?? this.#insertRow(change.id, sequence);
      if (change.text !== undefined) this.#setValue(target, "chroma:document", change.text);
      for (const [key, value] of Object.entries(change.metadata ?? {})) this.#setValue(target, key, value);
    }
  }

  #row(id: string): number | undefined {
    const found = this.#store
      .prepare("SELECT id FROM embeddings WHERE segment_id = ? AND embedding_id = CAST(? AS TEXT)")
      .get(this.metadataSegment, bytesOf(id)) as { id: number } | undefined;
    return found?.id;
  }

  #insertRow(id: string, sequence: number): number {
    const { lastInsertRowid } = this.#store
      .prepare("INSERT INTO embeddings (segment_id, embedding_id, seq_id) VALUES (?, CAST(? AS TEXT), ?)")
      .run(this.metadataSegment, bytesOf(id), this.#sequenceValue(sequence));
    return Number(lastInsertRowid);
  }

  #deleteRow(row: number): void {
    for (const table of [
      "embedding_metadata",
      ...(this.#store.version === "1.5" ? ["embedding_metadata_array"] : []),
    ]) {
      this.#store.run(`DELETE FROM ${table} WHERE id = ?`, row);
    }
    this.#store.run("DELETE FROM embeddings WHERE id = ?", row);
  }

  #setValue(row: number, key: string, value: MetadataValue): void {
    this.#store.run("DELETE FROM embedding_metadata WHERE id = ? AND key = ?", row, key);
    const hasArrays = this.#store.version === "1.5";
    if (hasArrays) this.#store.run("DELETE FROM embedding_metadata_array WHERE id = ? AND key = ?", row, key);
    if (value === null) return;
    if (!Array.isArray(value)) this.#insertValue("embedding_metadata", row, key, value);
    else if (hasArrays)
      for (const item of value) this.#insertValue("embedding_metadata_array", row, key, item);
  }

  #insertValue(table: string, row: number, key: string, value: string | number | bigint | boolean): void {
    const isWhole = typeof value === "bigint" || Number.isInteger(value);
    this.#store.run(
      `INSERT INTO ${table} (id, key, string_value, int_value, float_value, bool_value) VALUES (?, ?, CAST(? AS TEXT), ?, ?, ?)`,
      row,
      key,
      typeof value === "string" ? bytesOf(value) : null,
      isWhole ? BigInt(value) : null,
      typeof value === "number" && !isWhole ? value : null,
      typeof value === "boolean" ? Number(value) : null,
    );
  }

  #sequenceValue(sequence: number): number | Uint8Array {
    if (!writesBlobs(this.#store.version)) return sequence;
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(BigInt(sequence));
    return new Uint8Array(bytes);
  }

  #index(operation: StoreOperation, { id, vector }: StoreChange, sequence: number): void {
    const label = this.#labels.get(id);
    const element =
      label === undefined ? undefined : this.#elements.find((candidate) => candidate.label === label);
    if (operation === "delete") {
      if (element) element.isDeleted = true;
      this.#labels.delete(id);
      this.#sequences.delete(id);
    } else if (vector && (element ? operation !== "add" : operation !== "update")) {
      this.#sequences.set(id, sequence);
      if (element) element.vector = vector;
      else this.#addElement(id, vector);
    }
  }

  /** Several threads fill the files, so that neighbours change places now and then. */
  #addElement(id: string, vector: Float32Array): void {
    const label = this.#elements.length + 1;
    this.#labels.set(id, label);
    const element = { label, vector, isDeleted: false };
    if (label % 7 === 0) this.#elements.splice(-1, 0, element);
    else this.#elements.push(element);
  }
}

/** The driver ends a text at its first NUL. */
function bytesOf(text: string): Uint8Array {
  return Buffer.from(text);
}

/** JSON with all digits of a bigint. */
function jsonOf(value: unknown): string {
  const text = JSON.stringify(value, (_, item) => (typeof item === "bigint" ? `bigint:${item}` : item));
  return text.replaceAll(/"bigint:(-?\d+)"/g, "$1");
}
