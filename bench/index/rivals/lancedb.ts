import { createRequire } from "node:module";
import { join } from "node:path";
import type { OpenOptions, OpenRival, Rival, Row } from "./rival.ts";

/** The part of `@lancedb/lancedb` that is used. */
interface LanceModule {
  connect(directory: string): Promise<LanceConnection>;
  readonly Index: {
    hnswSq(options: { distanceType: string; numPartitions: number }): unknown;
    bitmap(): unknown;
    btree(): unknown;
  };
}

interface LanceConnection {
  tableNames(): Promise<string[]>;
  openTable(name: string): Promise<LanceTable>;
  createTable(name: string, rows: unknown): Promise<LanceTable>;
  close(): void;
}

interface LanceTable {
  add(rows: unknown): Promise<unknown>;
  createIndex(column: string, options: { config: unknown }): Promise<void>;
  optimize(options: { cleanupOlderThan: Date }): Promise<unknown>;
  query(): { nearestTo(vector: Float32Array): LanceQuery };
  mergeInsert(column: string): LanceMerge;
  close(): void;
}

interface LanceQuery {
  distanceType(name: string): LanceQuery;
  refineFactor(factor: number): LanceQuery;
  limit(count: number): LanceQuery;
  select(columns: string[]): LanceQuery;
  where(condition: string): LanceQuery;
  toArray(): Promise<{ id: string }[]>;
}

interface LanceMerge {
  whenMatchedUpdateAll(): LanceMerge;
  whenNotMatchedInsertAll(): LanceMerge;
  execute(rows: unknown): Promise<unknown>;
}

/** The part of `apache-arrow` that is used: rows reach LanceDB without a detour over objects. */
interface ArrowModule {
  readonly Float32: new () => object;
  readonly Int32: new () => object;
  readonly Utf8: new () => object;
  readonly Field: new (name: string, type: object, nullable: boolean) => object;
  readonly FixedSizeList: new (size: number, field: object) => object;
  readonly Vector: new (parts: object[]) => object;
  readonly Table: new (columns: Record<string, object>) => object;
  makeData(settings: Record<string, unknown>): object;
  vectorFromArray(values: readonly unknown[], type: object): object;
}

const tableName = "records";
/** LanceDB compares so many times the wanted rows by float32. */
const refineFactor = 5;

export async function loadLance(rivalsDirectory: string): Promise<Rival> {
  const require = createRequire(join(rivalsDirectory, "package.json"));
  const lance = require("@lancedb/lancedb") as LanceModule;
  const arrow = require("apache-arrow") as ArrowModule;
  return {
    note: `HNSW over int8 (IVF_HNSW_SQ, one partition, its own defaults), refine factor ${refineFactor}, bitmap indices for the filters, a B-tree for the ids`,
    filters: true,
    open: (options) => open(options, lance, arrow),
  };
}

async function open(
  { directory, dimension, topK }: OpenOptions,
  lance: LanceModule,
  arrow: ArrowModule,
): Promise<OpenRival> {
  const connection = await lance.connect(directory);
  let table = (await connection.tableNames()).includes(tableName)
    ? await connection.openTable(tableName)
    : undefined;
  const opened = (): LanceTable => {
    if (table === undefined) throw new Error("The table has no rows yet.");
    return table;
  };
  return {
    ingest: async (rows) => {
      const batch = arrowTable(arrow, rows, dimension);
      if (table === undefined) table = await connection.createTable(tableName, batch);
      else await table.add(batch);
    },
    build: async () => {
      await opened().optimize({ cleanupOlderThan: new Date() });
      await opened().createIndex("vector", {
        config: lance.Index.hnswSq({ distanceType: "cosine", numPartitions: 1 }),
      });
      await opened().createIndex("tenth", { config: lance.Index.bitmap() });
      await opened().createIndex("hundredth", { config: lance.Index.bitmap() });
      await opened().createIndex("id", { config: lance.Index.btree() });
    },
    query: async (vector, filter) => {
      const query = opened()
        .query()
        .nearestTo(vector)
        .distanceType("cosine")
        .refineFactor(refineFactor)
        .limit(topK)
        .select(["id", "_distance"]);
      const found = await (filter ? query.where(`${filter.field} = ${filter.value}`) : query).toArray();
      return found.map(({ id }) => Number(id));
    },
    upsert: async (row) => {
      await opened()
        .mergeInsert("id")
        .whenMatchedUpdateAll()
        .whenNotMatchedInsertAll()
        .execute(arrowTable(arrow, [row], dimension));
    },
    close: async () => {
      table?.close();
      connection.close();
    },
  };
}

function arrowTable(arrow: ArrowModule, rows: readonly Row[], dimension: number): object {
  const components = new Float32Array(rows.length * dimension);
  for (const [place, { vector }] of rows.entries()) components.set(vector, place * dimension);
  const number = new arrow.Float32();
  const vectors = arrow.makeData({
    type: new arrow.FixedSizeList(dimension, new arrow.Field("item", number, true)),
    length: rows.length,
    nullCount: 0,
    child: arrow.makeData({ type: number, length: components.length, nullCount: 0, data: components }),
  });
  const whole = new arrow.Int32();
  return new arrow.Table({
    id: arrow.vectorFromArray(
      rows.map(({ row }) => String(row)),
      new arrow.Utf8(),
    ),
    vector: new arrow.Vector([vectors]),
    tenth: arrow.vectorFromArray(
      rows.map(({ metadata }) => metadata.tenth),
      whole,
    ),
    hundredth: arrow.vectorFromArray(
      rows.map(({ metadata }) => metadata.hundredth),
      whole,
    ),
  });
}
