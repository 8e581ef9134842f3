/** A version of Chroma as a writer of directories. */
export type ChromaVersion = "0.4" | "0.6" | "1.0" | "1.3" | "1.5";

export const chromaVersions: readonly ChromaVersion[] = ["0.4", "0.6", "1.0", "1.3", "1.5"];

/** The last migrations of each version: queue, metadb, sysdb. */
const migrations: Record<ChromaVersion, readonly [number, number, number]> = {
  "0.4": [1, 3, 4],
  "0.6": [2, 4, 9],
  "1.0": [2, 5, 9],
  "1.3": [2, 5, 10],
  "1.5": [2, 6, 10],
};

/** Whether the version writes sequence numbers as 8 bytes. */
export function writesBlobs(version: ChromaVersion): boolean {
  return version === "0.4" || version === "0.6";
}

/** The tables of a version, and its migrations noted. */
export function schemaOf(version: ChromaVersion): string {
  const isOldest = version === "0.4";
  const flag = isOldest ? "" : ", bool_value INTEGER";
  const collections = [
    "id TEXT PRIMARY KEY",
    "name TEXT NOT NULL",
    ...(isOldest ? ["topic TEXT NOT NULL"] : []),
    "dimension INTEGER",
    "database_id TEXT NOT NULL",
    ...(isOldest ? [] : ["config_json_str TEXT"]),
    ...(version === "1.3" || version === "1.5" ? ["schema_str TEXT"] : []),
    "UNIQUE (name, database_id)",
  ];
  const [queue, metadb, sysdb] = migrations[version];
  const noted = Object.entries({ embeddings_queue: queue, metadb, sysdb }).flatMap(([part, last]) =>
    Array.from({ length: last }, (_, place) => `('${part}', ${place + 1}, '', '', '')`),
  );
  return `
    CREATE TABLE migrations (dir TEXT NOT NULL, version INTEGER NOT NULL, filename TEXT NOT NULL,
      sql TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (dir, version));
    INSERT INTO migrations VALUES ${noted.join(", ")};
    CREATE TABLE tenants (id TEXT PRIMARY KEY);
    CREATE TABLE databases (id TEXT PRIMARY KEY, name TEXT NOT NULL, tenant_id TEXT NOT NULL,
      UNIQUE (tenant_id, name));
    CREATE TABLE collections (${collections.join(", ")});
    CREATE TABLE collection_metadata (collection_id TEXT, key TEXT NOT NULL, str_value TEXT,
      int_value INTEGER, float_value REAL${flag}, PRIMARY KEY (collection_id, key));
    CREATE TABLE segments (id TEXT PRIMARY KEY, type TEXT NOT NULL, scope TEXT NOT NULL,
      ${isOldest ? "topic TEXT, " : ""}collection TEXT);
    CREATE TABLE segment_metadata (segment_id TEXT, key TEXT NOT NULL, str_value TEXT,
      int_value INTEGER, float_value REAL${flag}, PRIMARY KEY (segment_id, key));
    CREATE TABLE embeddings (id INTEGER PRIMARY KEY, segment_id TEXT NOT NULL, embedding_id TEXT NOT NULL,
      seq_id BLOB NOT NULL, created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
      UNIQUE (segment_id, embedding_id));
    CREATE TABLE embedding_metadata (id INTEGER REFERENCES embeddings(id), key TEXT NOT NULL,
      string_value TEXT, int_value INTEGER, float_value REAL, bool_value INTEGER, PRIMARY KEY (id, key));
    CREATE TABLE max_seq_id (segment_id TEXT PRIMARY KEY,
      seq_id ${writesBlobs(version) ? "BLOB NOT NULL" : "INTEGER"});
    CREATE TABLE embeddings_queue (seq_id INTEGER PRIMARY KEY,
      created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, operation INTEGER NOT NULL,
      topic TEXT NOT NULL, id TEXT NOT NULL, vector BLOB, encoding TEXT, metadata TEXT);
    ${
      isOldest
        ? ""
        : `CREATE TABLE embeddings_queue_config (id INTEGER PRIMARY KEY, config_json_str TEXT);
    CREATE TABLE maintenance_log (id INT PRIMARY KEY, timestamp INT NOT NULL, operation TEXT NOT NULL);
    CREATE INDEX embedding_metadata_int_value ON embedding_metadata (key, int_value) WHERE int_value IS NOT NULL;
    CREATE INDEX embedding_metadata_float_value ON embedding_metadata (key, float_value) WHERE float_value IS NOT NULL;
    CREATE INDEX embedding_metadata_string_value ON embedding_metadata (key, string_value) WHERE string_value IS NOT NULL;`
    }
    ${
      version === "1.5"
        ? `CREATE TABLE embedding_metadata_array (id INTEGER NOT NULL REFERENCES embeddings(id),
      key TEXT NOT NULL, string_value TEXT, int_value INTEGER, float_value REAL, bool_value INTEGER);
    CREATE INDEX embedding_metadata_array_id_key ON embedding_metadata_array (id, key);`
        : ""
    }`;
}
