import type { DenseCodes } from "../codes.ts";
import {
  type CodesDescription,
  type CodesReader,
  readBits,
  readInt8,
  writeBits,
  writeBytes,
} from "../side-file.ts";
import { Cells } from "./cells.ts";
import { TailTable } from "./tail-table.ts";

function centresOf(dimension: number): CodesDescription {
  return { dimension, similarity: "COSINE", byteCodes: true };
}

/** Cells for a side file: uint32 rows, 0 without cells; then the centres, the tail table, and uint16 cells of the rows. */
export function* writeCells(cells: Cells | undefined): Generator<Uint8Array> {
  yield bytesOf(Uint32Array.of(cells?.rowCount ?? 0));
  if (cells === undefined) return;
  const { centres, tail } = cells;
  yield* writeBits(centres, centresOf(centres.dimension));
  yield* writeBytes(centres);
  yield bytesOf(tail.counts);
  const cellOf = new Uint16Array(cells.rowCount);
  for (let cell = 0; cell < cells.count; cell++) for (const row of cells.rowsOf(cell)) cellOf[row] = cell;
  yield bytesOf(cellOf);
}

/**
 * Reads what `writeCells` gave.
 * @throws as `readBits`; {RangeError} if the cells are not those of `codes`
 */
export function readCells(reader: CodesReader, codes: DenseCodes): Cells | undefined {
  const header = new Uint32Array(1);
  reader.fill(bytesOf(header));
  const [rowCount] = header;
  if (rowCount === 0) return undefined;
  if (rowCount !== codes.rowCount) throw new RangeError("the cells are of other rows");
  const centres = readBits(reader, centresOf(codes.dimension), undefined);
  for (const _ of readInt8(reader, centres, centres.rowCount));
  const counts = new Uint32Array(TailTable.length);
  reader.fill(bytesOf(counts));
  const cellOf = new Uint16Array(rowCount);
  reader.fill(bytesOf(cellOf));
  const cells = new Cells(centres, new TailTable(counts));
  for (const cell of cellOf) cells.add(cell);
  return cells;
}

function bytesOf(numbers: Uint32Array | Uint16Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}
