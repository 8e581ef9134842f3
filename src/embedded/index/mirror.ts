import { randomUUID } from "node:crypto";
import type { FilterExpression } from "../filter/index.ts";
import type { IndexSettings } from "../settings.ts";
import type { SlotRow, Storage } from "../storage/storage.ts";
import { Column } from "./column.ts";
import { DenseVectors } from "./dense.ts";
import { Growable } from "./growable.ts";
import { parseMetadata } from "./metadata.ts";
import { type MirrorFile, readBytes, readMirrorFile, writeMirrorFile } from "./mirror-file.ts";
import { SparseVectors } from "./sparse.ts";
import { invalid } from "./validation.ts";

/** Rows that no longer count are swept out once they outnumber the living, and this. */
const deadRowsKept = 1_024;

/** Bytes of int8 codes that a mirror keeps at the most: 250,000 rows of 1,024 dimensions. Beyond, bits alone. */
const mostByteCodes = 256_000_000;

/** Fields that one filter may name: each is a column over all rows. */
const fieldsPerFilter = 64;

/** Columns that a mirror keeps, at most; then those that the filter at hand does not need give way. */
const columnsKept = 256;

/** Fewer rows are built anew in less time than anyone notices. */
const rowsWorthSaving = 5_000;

/**
 * What search needs of one namespace, in memory: vectors, postings, and a column for each metadata
 * field that a filter has named. Built from storage, brought up to date from it, and never the truth.
 */
export class Mirror {
  readonly namespace: number;
  readonly dense: DenseVectors | undefined;
  readonly sparse: SparseVectors | undefined;
  readonly #storage: Storage;
  readonly #columns = new Map<string, Column>();
  readonly #slots: Growable<Float64Array> = new Growable((capacity) => new Float64Array(capacity));
  readonly #live: Growable<Uint8Array> = new Growable((capacity) => new Uint8Array(capacity));
  readonly #byteCodes: boolean = false;
  /** Grown past this many rows, the mirror is built anew without int8 codes. */
  readonly #mostRows: number;
  #liveCount = 0;
  #tombstone: number;
  /** Rows when the mirror was last saved or restored. */
  #savedRows = 0;
  #savedTombstone = 0;

  /** @param rowsExpected how large the mirror is going to be, as far as is known */
  constructor(storage: Storage, namespace: number, settings: IndexSettings, rowsExpected: number) {
    this.#storage = storage;
    this.namespace = namespace;
    this.#mostRows = Number.POSITIVE_INFINITY;
    if (settings.type !== "SPARSE") {
      const mostRowsInBytes = Math.floor(mostByteCodes / settings.dimension);
      this.#byteCodes = rowsExpected <= mostRowsInBytes;
      if (this.#byteCodes) this.#mostRows = 2 * mostRowsInBytes;
      this.dense = new DenseVectors({
        dimension: settings.dimension,
        similarity: settings.similarityFunction,
        byteCodes: this.#byteCodes,
        readVector: (row) => storage.readDense(this.slotOf(row)),
      });
    }
    if (settings.type !== "DENSE") this.sparse = new SparseVectors();
    this.#tombstone = storage.lastTombstone();
  }

  get liveCount(): number {
    return this.#liveCount;
  }

  /** Per row, 1 where it counts. */
  get live(): Uint8Array {
    return this.#live.view;
  }

  slotOf(row: number): number {
    return this.#slots.array[row] as number;
  }

  /**
   * Takes in what was written since, up to slot `until`; false when it has to be built anew instead.
   */
  catchUp(until: number): boolean {
    const tombstones = this.#storage.tombstonesSince(this.namespace, this.#tombstone);
    if (tombstones === undefined) return false;
    this.#tombstone = tombstones.last;
    for (const slot of tombstones.slots) this.#bury(slot);
    const newest = this.#slots.length === 0 ? 0 : this.slotOf(this.#slots.length - 1);
    for (const row of this.#storage.rowsBetween(this.namespace, newest, until, this.#columns.size > 0))
      this.#push(row);
    if (this.#slots.length > this.#mostRows) return false;
    const dead = this.#slots.length - this.#liveCount;
    return dead <= Math.max(deadRowsKept, this.#liveCount);
  }

  /** Keeps the mirror in a side file, where building it anew would take a while and something has changed. */
  save(path: string): void {
    const rowCount = this.#slots.length;
    const isSaved = rowCount === this.#savedRows && this.#tombstone === this.#savedTombstone;
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

  /** Takes the place of a mirror that was saved; false where there is none that can be used. */
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
    this.#liveCount = found.live.reduce((sum, flag) => sum + flag, 0);
    this.#tombstone = found.header.tombstone;
    this.#noteSaved();
    return true;
  }

  #noteSaved(): void {
    this.#savedRows = this.#slots.length;
    this.#savedTombstone = this.#tombstone;
  }

  #push(row: SlotRow): void {
    this.#slots.push(row.slot);
    this.#live.push(1);
    this.#liveCount++;
    if (this.dense && row.dense) this.dense.push(row.dense);
    if (this.sparse && row.sparse) this.sparse.push(row.sparse);
    if (this.#columns.size === 0) return;
    const metadata = row.metadata === undefined ? undefined : parseMetadata(row.metadata);
    for (const column of this.#columns.values()) column.push(metadata);
  }

  #bury(slot: number): void {
    const row = this.rowOf(slot);
    if (row === undefined || this.#live.array[row] === 0) return;
    this.#live.array[row] = 0;
    this.#liveCount--;
  }

  /** The row of a slot, whether it counts or not; `undefined` for a slot that the mirror does not hold. */
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

  /** Per row, 1 where it counts and the filter holds. */
  accept(filter: FilterExpression | undefined): Uint8Array {
    if (filter === undefined) return this.live;
    this.#buildColumns(fieldsOf(filter));
    return intersect(this.#evaluate(filter), this.live);
  }

  #evaluate(filter: FilterExpression): Uint8Array {
    if (!("operands" in filter)) return (this.#columns.get(filter.field) as Column).mask(filter);
    const masks = filter.operands.map((operand) => this.#evaluate(operand));
    return masks.reduce(filter.kind === "and" ? intersect : unite);
  }

  /** Builds the columns that are missing, all of them in one pass over the metadata. */
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
      // Rows that no longer count are in the mirror still and gone from storage.
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

/** The fields that a filter names. @throws {InvalidRequestError} where they are too many */
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
