import { randomUUID } from "node:crypto";
import { BoundedCache } from "../../foundation/bounded-cache.ts";
import { stringifyJson } from "../../foundation/exact-json/index.ts";
import type { FilterExpression } from "../filter/index.ts";
import type { IndexSettings } from "../settings.ts";
import type { SlotRow, Storage } from "../storage/storage.ts";
import { Column } from "./column.ts";
import { DenseVectors } from "./dense.ts";
import { Growable } from "./growable.ts";
import { KeptVectors, type VectorBudget } from "./kept-vectors.ts";
import { parseMetadata } from "./metadata.ts";
import { type MirrorFile, readBytes, readMirrorFile, writeMirrorFile } from "./mirror-file.ts";
import { SparseVectors } from "./sparse/sparse-vectors.ts";
import { invalid } from "./validation.ts";

/** Deleted rows are removed when there are more of them than of live rows, and more than this. */
const deadRowsKept = 1_024;

/** Bytes of int8 codes that a mirror keeps: 250,000 rows of 1,024 dimensions. A larger one keeps only bits. */
const mostByteCodes = 256_000_000;

/** Fields that one filter may name: each is a column over all rows. */
const fieldsPerFilter = 64;

/** Columns that a mirror keeps. Beyond, those that the current filter does not need are dropped. */
const columnsKept = 256;

/** Bytes of the marks of filters that are kept, one for each row, and of the objects around them. */
const bytesOfMarks = 2 ** 23;
const bytesOfObjects = 200;

/** Fewer rows are rebuilt in a moment. */
const rowsWorthSaving = 5_000;

/**
 * The data that searches of one namespace need, in memory: vectors, postings, and a column for each metadata
 * field that a filter has named. It is built and updated from storage, which is the only truth.
 */
export class Mirror {
  readonly namespace: number;
  readonly dense: DenseVectors | undefined;
  readonly sparse: SparseVectors | undefined;
  readonly #storage: Storage;
  readonly #vectors: KeptVectors | undefined;
  readonly #columns = new Map<string, Column>();
  readonly #slots: Growable<Float64Array> = new Growable((capacity) => new Float64Array(capacity));
  readonly #live: Growable<Uint8Array> = new Growable((capacity) => new Uint8Array(capacity));
  readonly #byteCodes: boolean = false;
  /** Beyond this many rows the mirror is rebuilt without int8 codes. */
  readonly #mostRows: number;
  /** Rows that are not live, in the order of their deletion. */
  readonly #dead: Growable<Int32Array> = new Growable((capacity) => new Int32Array(capacity));
  /** What `accept` found for filters, until a row changes. */
  readonly #marks = new BoundedCache<string, { readonly marks: Uint8Array; readonly bytes: number }>(
    bytesOfMarks,
    ({ bytes }) => bytes,
  );
  #tombstone: number;
  /** Rows when the mirror was last saved or restored. */
  #savedRows = 0;
  #savedTombstone = 0;
  #savedCells = false;

  /**
   * @param rowsExpected the expected number of rows
   * @param budget for the vectors that stay in memory
   */
  constructor(
    storage: Storage,
    namespace: number,
    settings: IndexSettings,
    rowsExpected: number,
    budget: VectorBudget,
  ) {
    this.#storage = storage;
    this.namespace = namespace;
    this.#mostRows = Number.POSITIVE_INFINITY;
    if (settings.type !== "SPARSE") {
      const mostRowsInBytes = Math.floor(mostByteCodes / settings.dimension);
      this.#byteCodes = rowsExpected <= mostRowsInBytes;
      if (this.#byteCodes) this.#mostRows = 2 * mostRowsInBytes;
      const vectors = new KeptVectors(settings.dimension, budget, rowsExpected);
      const readStored = (rows: readonly number[]) => storage.readDense(rows.map((row) => this.slotOf(row)));
      this.#vectors = vectors;
      this.dense = new DenseVectors({
        dimension: settings.dimension,
        similarity: settings.similarityFunction,
        byteCodes: this.#byteCodes,
        readVectors: (rows) => vectors.read(rows, readStored),
      });
    }
    if (settings.type !== "DENSE") this.sparse = new SparseVectors();
    this.#tombstone = storage.lastTombstone();
  }

  /** Ends the work in the background and gives memory back; searches that run may still end. */
  close(): void {
    this.dense?.close();
    this.dense?.release();
    this.#vectors?.drop();
  }

  get liveCount(): number {
    return this.#live.length - this.#dead.length;
  }

  get dead(): Int32Array {
    return this.#dead.view;
  }

  /** For each row, 1 if it is live. */
  get live(): Uint8Array {
    return this.#live.view;
  }

  slotOf(row: number): number {
    return this.#slots.array[row] as number;
  }

  /** Whether the vectors of a row were compared with their checksum and are kept. */
  keepsVectors(row: number): boolean {
    return this.#vectors?.has(row) ?? false;
  }

  /**
   * Adds what was written since, up to slot `until`; false if the mirror has to be rebuilt.
   */
  catchUp(until: number): boolean {
    this.#vectors?.renew(this.#storage.dataVersion());
    const tombstones = this.#storage.tombstonesSince(this.namespace, this.#tombstone);
    if (tombstones === undefined) return false;
    this.#tombstone = tombstones.last;
    for (const slot of tombstones.slots) this.#bury(slot);
    const newest = this.#slots.length === 0 ? 0 : this.slotOf(this.#slots.length - 1);
    for (const row of this.#storage.rowsBetween(this.namespace, newest, until, this.#columns.size > 0))
      this.#push(row);
    if (this.#slots.length > this.#mostRows) return false;
    return this.#dead.length <= Math.max(deadRowsKept, this.liveCount);
  }

  /** Saves the mirror in a side file if it has changed and rebuilding it would take a while. */
  save(path: string): void {
    const rowCount = this.#slots.length;
    const isSaved =
      rowCount === this.#savedRows &&
      this.#tombstone === this.#savedTombstone &&
      this.#savedCells === this.#hasCells;
    if (rowCount < rowsWorthSaving || isSaved) return;
    const token = randomUUID();
    const codes = this.dense?.save();
    const bytes = [...(codes?.bytes ?? [])];
    const codeBytes = bytes.reduce((sum, piece) => sum + piece.length, 0);
    writeMirrorFile(
      path,
      { version: 2, token, rowCount, tombstone: this.#tombstone, byteCodes: this.#byteCodes, codeBytes },
      {
        slots: this.#slots.view,
        live: this.#live.view,
        bits: codes?.bits ?? [],
        sparse: this.sparse?.save() ?? [],
        bytes,
      },
    );
    this.#storage.writeMirrorToken(this.namespace, token);
    this.#noteSaved();
  }

  /** Loads the saved mirror; false if no usable one exists. */
  restore(path: string): boolean {
    const token = this.#storage.mirrorToken(this.namespace);
    const found: MirrorFile | undefined = readMirrorFile(
      path,
      (header) => header.version === 2 && header.token === token && header.byteCodes === this.#byteCodes,
      (reader) => {
        this.dense?.restore(reader, (fill) => readBytes(path, found as MirrorFile, fill));
        this.sparse?.restore((length) => reader.take(length));
      },
    );
    if (found === undefined) return false;
    this.#slots.replace(found.slots);
    this.#live.replace(found.live);
    found.live.forEach((flag, row) => {
      if (flag === 0) this.#dead.push(row);
    });
    this.#tombstone = found.header.tombstone;
    this.#noteSaved();
    return true;
  }

  get #hasCells(): boolean {
    return this.dense?.hasCells ?? false;
  }

  #noteSaved(): void {
    this.#savedRows = this.#slots.length;
    this.#savedTombstone = this.#tombstone;
    this.#savedCells = this.#hasCells;
  }

  #push(row: SlotRow): void {
    this.#marks.clear();
    this.#slots.push(row.slot);
    this.#live.push(1);
    if (this.dense && row.dense) {
      this.#vectors?.keep(this.#slots.length - 1, row.dense);
      this.dense.push(row.dense);
    }
    if (this.sparse && row.sparse) this.sparse.push(row.sparse);
    if (this.#columns.size === 0) return;
    const metadata = row.metadata === undefined ? undefined : parseMetadata(row.metadata);
    for (const column of this.#columns.values()) column.push(metadata);
  }

  #bury(slot: number): void {
    const row = this.rowOf(slot);
    if (row === undefined || this.#live.array[row] === 0) return;
    this.#marks.clear();
    this.#live.array[row] = 0;
    this.#dead.push(row);
  }

  /** The row of a slot, live or not; `undefined` for a slot that the mirror does not have. */
  rowOf(slot: number): number | undefined {
    const slots = this.#slots.array;
    let low = 0;
    let high = this.#slots.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const found = slots[middle] as number;
      if (found === slot) return middle;
      if (found < slot) low = middle + 1;
      else high = middle - 1;
    }
    return undefined;
  }

  /** For each row, 1 if it is live and the filter holds; not to be changed. */
  accept(filter: FilterExpression | undefined): Uint8Array {
    if (filter === undefined) return this.live;
    const key = stringifyJson(filter);
    const make = () => {
      this.#buildColumns(fieldsOf(filter));
      const marks = intersect(this.#evaluate(filter), this.live);
      return { marks, bytes: marks.length + 2 * key.length + bytesOfObjects };
    };
    return this.#marks.getOrMake(key, make).marks;
  }

  #evaluate(filter: FilterExpression): Uint8Array {
    if (!("operands" in filter)) return (this.#columns.get(filter.field) as Column).mask(filter);
    const masks = filter.operands.map((operand) => this.#evaluate(operand));
    return masks.reduce(filter.kind === "and" ? intersect : unite);
  }

  /** Builds all missing columns in one pass over the metadata. */
  #buildColumns(fields: ReadonlySet<string>): void {
    const missing = [...fields].filter((field) => !this.#columns.has(field));
    if (missing.length === 0) return;
    if (this.#columns.size + missing.length > columnsKept) {
      for (const field of this.#columns.keys()) if (!fields.has(field)) this.#columns.delete(field);
    }
    const columns = missing.map((field) => new Column(field));
    const pushTo = (metadata: unknown) => {
      for (const column of columns) column.push(metadata);
    };
    let row = 0;
    for (const { slot, metadata } of this.#storage.metadataBySlot(this.namespace)) {
      // Deleted rows are still in the mirror but not in storage.
      for (; row < this.#slots.length && this.slotOf(row) < slot; row++) pushTo(undefined);
      if (row === this.#slots.length) break;
      pushTo(metadata === undefined ? undefined : parseMetadata(metadata));
      row++;
    }
    for (; row < this.#slots.length; row++) pushTo(undefined);
    missing.forEach((field, place) => {
      this.#columns.set(field, columns[place] as Column);
    });
  }
}

/** The fields that a filter names. @throws {InvalidRequestError} if there are too many */
function fieldsOf(filter: FilterExpression): Set<string> {
  const fields = new Set<string>();
  const collect = (expression: FilterExpression) => {
    if ("operands" in expression) expression.operands.forEach(collect);
    else fields.add(expression.field);
  };
  collect(filter);
  if (fields.size > fieldsPerFilter) {
    throw invalid(`Too many fields in a filter: ${fields.size}, maximum: ${fieldsPerFilter}`);
  }
  return fields;
}

function intersect(left: Uint8Array, right: Uint8Array): Uint8Array {
  for (let row = 0; row < left.length; row++) left[row] = (left[row] as number) & (right[row] as number);
  return left;
}

function unite(left: Uint8Array, right: Uint8Array): Uint8Array {
  for (let row = 0; row < left.length; row++) left[row] = (left[row] as number) | (right[row] as number);
  return left;
}
