import type { ChromaDatabase } from "./database.ts";
import { damage, notReadable } from "./faults.ts";

/** The layout of a directory, by the migrations that Chroma recorded in it. */
export interface SchemaVersion {
  /** The versions of Chroma that write this layout: `0.5.6 to 0.6`. */
  readonly writtenBy: string;
  /** Number of the last migration of each part. */
  readonly migrations: Readonly<Record<"embeddings_queue" | "metadb" | "sysdb", number>>;
}

type Part = keyof SchemaVersion["migrations"];

/** The last migrations that this reader knows: those of Chroma 1.5. */
const known: SchemaVersion["migrations"] = { embeddings_queue: 2, metadb: 6, sysdb: 10 };

/** The migration that each version introduced, latest first. */
const epochs: readonly { readonly part: Part; readonly from: number; readonly writtenBy: string }[] = [
  { part: "metadb", from: 6, writtenBy: "1.5 or later" },
  { part: "sysdb", from: 10, writtenBy: "1.3 to 1.4" },
  { part: "metadb", from: 5, writtenBy: "1.0 to 1.2" },
  { part: "embeddings_queue", from: 2, writtenBy: "0.5.6 to 0.6" },
  { part: "sysdb", from: 7, writtenBy: "0.5.4 to 0.5.5" },
  { part: "sysdb", from: 5, writtenBy: "0.5.0 to 0.5.3" },
  { part: "sysdb", from: 1, writtenBy: "0.4" },
];

const requiredTables = ["collections", "segments", "embeddings", "embedding_metadata", "embeddings_queue"];

/** @throws {DataError} for a database that is not Chroma's, or of a version that this reader does not know */
export function readSchemaVersion(database: ChromaDatabase): SchemaVersion {
  if (database.columns("migrations").size === 0) {
    throw notReadable(
      database.path,
      "is a SQLite database, but not one of Chroma: it has no table of migrations",
      "Name the directory in which Chroma keeps its files, the path of its PersistentClient.",
    );
  }
  const migrations = { embeddings_queue: 0, metadb: 0, sysdb: 0 };
  const rows = database.all<[string, number]>(
    "SELECT dir, max(version) FROM migrations GROUP BY dir ORDER BY dir",
  );
  for (const [part, version] of rows) {
    if (!isPart(part) || version > known[part]) {
      throw notReadable(
        database.path,
        `was written by a later Chroma than this reader knows (migration ${version} of ${part})`,
        "Read the collections from a running Chroma server instead, by its URL.",
      );
    }
    migrations[part] = version;
  }
  const epoch = epochs.find(({ part, from }) => migrations[part] >= from);
  const missing = requiredTables.find((table) => database.columns(table).size === 0);
  if (epoch === undefined || missing !== undefined) {
    throw damage(database.path, `the table ${missing ?? "of migrations"} is missing or empty`);
  }
  return { writtenBy: epoch.writtenBy, migrations };
}

function isPart(name: string): name is Part {
  return Object.hasOwn(known, name);
}
