import { PassThrough } from "node:stream";
import type { RowGroup } from "hyparquet";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { bytesOf } from "../../foundation/bytes-of.ts";
import { stringifyJson } from "../../foundation/exact-json/index.ts";
import type { StoreRecord, Vector } from "../../store/document.ts";
import { type ListColumn, writeListColumn } from "./parquet-lists.ts";
import { elementPath, rowGroupBytes, rowGroupRows, schema } from "./parquet-schema.ts";
import type { ShardEncoder, ShardEncoderOptions, ShardFile } from "./shard.ts";
import { ShardOutput } from "./shard-output.ts";

const bytesAhead = 2 ** 20;
/** Bytes of an entry of a sparse vector: its index and its value. */
const sparseEntryBytes = BigInt64Array.BYTES_PER_ELEMENT + Float32Array.BYTES_PER_ELEMENT;

/** Writes records as a Parquet file: one row per record, vectors as lists of floats. */
export class ParquetEncoder implements ShardEncoder {
  readonly #output: ShardOutput;
  readonly #bytes = new ByteWriter();
  readonly #writer: ParquetWriter;
  #rows: { readonly record: StoreRecord; readonly metadata: string | null }[] = [];
  #pendingBytes = 0;

  private constructor(output: ShardOutput) {
    this.#output = output;
    this.#writer = new ParquetWriter({
      writer: this.#bytes,
      schema: [...schema],
      statistics: false,
      createdBy: "ragfood",
    });
  }

  static async open({ path, file, key }: ShardEncoderOptions): Promise<ParquetEncoder> {
    const input = new PassThrough({ highWaterMark: bytesAhead });
    return new ParquetEncoder(await ShardOutput.open(path, file, input, key));
  }

  get contentByteCount(): number {
    return this.#bytes.offset + this.#pendingBytes;
  }

  append(record: StoreRecord): Promise<void> | undefined {
    const metadata = record.metadata === undefined ? null : stringifyJson(record.metadata);
    this.#rows.push({ record, metadata });
    this.#pendingBytes += sizeOf(record) + (metadata?.length ?? 0);
    if (this.#rows.length < rowGroupRows && this.#pendingBytes < rowGroupBytes) return undefined;
    return this.#endGroup();
  }

  async end(): Promise<ShardFile> {
    if (this.#rows.length > 0) await this.#endGroup();
    await this.#writer.finish();
    await this.#flush();
    return await this.#output.end();
  }

  destroy(): Promise<void> {
    return this.#output.destroy();
  }

  #endGroup(): Promise<void> {
    const rows = this.#rows;
    this.#rows = [];
    this.#pendingBytes = 0;
    const texts = [
      { name: "id", data: rows.map(({ record }) => record.id) },
      { name: "text", data: rows.map(({ record }) => record.text ?? null) },
      { name: "metadata", data: rows.map(({ metadata }) => metadata) },
    ];
    this.#writer.write({
      columnData: texts.map((column) => ({ ...column, encoding: "PLAIN" as const })),
      rowGroupSize: rows.length,
    });
    const group = this.#writer.row_groups.at(-1) as RowGroup;
    const records = rows.map(({ record }) => record);
    for (const column of listsOf(records)) {
      const chunk = writeListColumn(this.#bytes, column);
      const { total_compressed_size: size = 0n } = chunk.meta_data ?? {};
      group.columns.push(chunk);
      group.total_byte_size += size;
      group.total_compressed_size = (group.total_compressed_size ?? 0n) + size;
    }
    return this.#flush();
  }

  #flush(): Promise<void> {
    const piece = this.#bytes.getBytes().slice();
    this.#bytes.index = 0;
    return this.#output.write(piece);
  }
}

function listsOf(records: readonly StoreRecord[]): ListColumn[] {
  const sparse = records.map(({ sparseVector }) => sparseVector);
  return [
    floatLists(
      elementPath("vector"),
      records.map(({ vector }) => vector),
    ),
    {
      path: elementPath("sparse_indices"),
      type: "INT64",
      lengths: sparse.map((vector) => vector?.indices.length),
      bytes: bytesOf(
        BigInt64Array.from(
          sparse.flatMap((vector) => vector?.indices ?? []),
          BigInt,
        ),
      ),
    },
    floatLists(
      elementPath("sparse_values"),
      sparse.map((vector) => vector?.values),
    ),
  ];
}

function floatLists(path: string[], lists: readonly (Vector | undefined)[]): ListColumn {
  const lengths = lists.map((list) => list?.length);
  const floats = new Float32Array(lengths.reduce<number>((sum, length = 0) => sum + length, 0));
  let place = 0;
  for (const list of lists) {
    if (list === undefined) continue;
    floats.set(list, place);
    place += list.length;
  }
  return { path, type: "FLOAT", lengths, bytes: bytesOf(floats) };
}

function sizeOf({ id, text, vector, sparseVector }: StoreRecord): number {
  const vectorBytes = Float32Array.BYTES_PER_ELEMENT * (vector?.length ?? 0);
  return (
    id.length + (text?.length ?? 0) + vectorBytes + sparseEntryBytes * (sparseVector?.indices.length ?? 0)
  );
}
