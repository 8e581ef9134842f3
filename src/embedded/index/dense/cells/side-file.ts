import type { SimilarityFunction } from "../../../settings.ts";
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
import { Centres } from "./centres.ts";
import { TailTable } from "./tail-table.ts";

function centresOf(dimension: number): CodesDescription {
  return { dimension, similarity: "COSINE", byteCodes: true };
}

/**
 * Cells for a side file: uint32 rows, 0 without cells; then the centres, the tail table, and uint16 cells
 * of the rows.
 */
export function* writeCells(cells: Cells | undefined): Generator<Uint8Array> {
  yield bytesOf(Uint32Array.of(cells?.rowCount ?? 0));
  if (cells === undefined) return;
  const { centres, tail } = cells;
  yield* writeBits(centres.codes, centresOf(centres.codes.dimension));
  yield* writeBytes(centres.codes);
  yield bytesOf(Float64Array.of(tail.spread, cells.reach));
  yield bytesOf(tail.counts);
  const cellOf = new Uint16Array(cells.rowCount);
  for (let cell = 0; cell <= centres.count; cell++) for (const row of cells.rowsOf(cell)) cellOf[row] = cell;
  yield bytesOf(cellOf);
}

/**
 * Reads what `writeCells` gave.
 * @throws as `readBits`; {RangeError} if the cells are not those of `codes`
 */
export function readCells(
  reader: CodesReader,
  codes: DenseCodes,
  similarity: SimilarityFunction,
): Cells | undefined {
  const filled = <A extends Uint32Array | Float64Array | Uint16Array>(numbers: A): A => {
    reader.fill(bytesOf(numbers));
    return numbers;
  };
  const [rowCount = 0] = filled(new Uint32Array(1));
  if (rowCount === 0) return undefined;
  if (rowCount !== codes.rowCount) throw new RangeError("the cells are of other rows");
  const centres = readBits(reader, centresOf(codes.dimension), undefined);
  for (const _ of readInt8(reader, centres, centres.rowCount));
  const [spread = 0, reach = 0] = filled(new Float64Array(2));
  const tail = new TailTable(similarity, spread, filled(new Uint32Array(TailTable.length)));
  const cells = new Cells(new Centres(centres), tail, reach);
  for (const cell of filled(new Uint16Array(rowCount))) cells.add(cell);
  return cells;
}

function bytesOf(numbers: Uint32Array | Float64Array | Uint16Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}
