import { createRequire } from "node:module";
import { join } from "node:path";
import { DatabaseSync, type DatabaseSyncInstance } from "@photostructure/sqlite";
import type { OpenOptions, OpenRival, Rival, Row, RowFilter } from "./rival.ts";

interface SqliteVecModule {
  getLoadablePath(): string;
}

/** How many rows the bits pick for the exact comparison. */
const candidates = 200;

export async function loadSqliteVec(rivalsDirectory: string): Promise<Rival> {
  const require = createRequire(join(rivalsDirectory, "package.json"));
  const extension = (require("sqlite-vec") as SqliteVecModule).getLoadablePath();
  openDatabase(":memory:", extension).close();
  return {
    note: `bits, ${candidates} candidates compared by float32; WAL, synchronous = FULL, memory-mapped`,
    filters: true,
    open: async (options) => open(options, extension),
  };
}

function openDatabase(path: string, extension: string): DatabaseSyncInstance {
  const database = new DatabaseSync(path, { allowExtension: true });
  database.enableLoadExtension(true);
  database.loadExtension(extension);
  return database;
}

function open({ directory, dimension, topK }: OpenOptions, extension: string): OpenRival {
  const database = openDatabase(join(directory, "vectors.sqlite"), extension);
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA mmap_size = 8589934592;
    CREATE TABLE IF NOT EXISTS records (row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, metadata TEXT);
    CREATE VIRTUAL TABLE IF NOT EXISTS vectors USING vec0(
      row INTEGER PRIMARY KEY, embedding float[${dimension}] distance_metric=cosine, bits bit[${dimension}],
      tenth INTEGER, hundredth INTEGER
    );
  `);
  const insertRecord = database.prepare("INSERT OR REPLACE INTO records VALUES (?, ?, ?)");
  const removeVector = database.prepare("DELETE FROM vectors WHERE row = ?");
  const insertVector = database.prepare(
    "INSERT INTO vectors(row, embedding, bits, tenth, hundredth) VALUES (?, ?, vec_quantize_binary(?), ?, ?)",
  );
  const statements = new Map<string, ReturnType<typeof database.prepare>>();

  const put = ({ row, vector, metadata }: Row): void => {
    const key = BigInt(row);
    const bytes = bytesOf(vector);
    insertRecord.run(key, String(row), JSON.stringify(metadata));
    insertVector.run(key, bytes, bytes, BigInt(metadata.tenth), BigInt(metadata.hundredth));
  };
  const transact = (action: () => void): void => {
    database.exec("BEGIN IMMEDIATE");
    action();
    database.exec("COMMIT");
  };
  return {
    ingest: async (rows) => transact(() => rows.forEach(put)),
    build: async () => {},
    query: async (vector, filter) => {
      const name = filter?.field ?? "";
      const statement = statements.get(name) ?? database.prepare(queryText(filter, topK));
      statements.set(name, statement);
      const bytes = bytesOf(vector);
      const values = filter ? [bytes, BigInt(filter.value), bytes] : [bytes, bytes];
      return (statement.all(...values) as { id: string }[]).map(({ id }) => Number(id));
    },
    upsert: async (row) =>
      transact(() => {
        removeVector.run(BigInt(row.row));
        put(row);
      }),
    close: async () => database.close(),
  };
}

function queryText(filter: RowFilter | undefined, topK: number): string {
  return `
    WITH coarse AS MATERIALIZED (
      SELECT row, embedding FROM vectors
      WHERE bits MATCH vec_quantize_binary(?) AND k = ${candidates}${filter ? ` AND ${filter.field} = ?` : ""}
    )
    SELECT id FROM coarse JOIN records USING (row)
    ORDER BY vec_distance_cosine(coarse.embedding, ?) LIMIT ${topK}`;
}

function bytesOf(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
}
