import { TopK } from "../../top-k.ts";
import { DenseCodes } from "../codes.ts";
import { metrics } from "../metric.ts";
import { EncodedQuery } from "../query.ts";
import { ScratchPool } from "../scratch.ts";
import { Cells, mostCells } from "./cells.ts";
import { TailTable } from "./tail-table.ts";

/** Rows that the centres and the tail table are made from, and the most bytes of their codes. */
const sampleRows = 32_768;
const sampleBytes = 64_000_000;

/** Rows of the sample that serve as queries: 16 million pairs, so that a chance of one in a million is seen. */
const sampleQueries = 512;

/** Cells have to serve a search for so many rows, and may miss this share of them (missingShare in search.ts). */
const bestRows = 10;
const missedShare = 0.01;

/** Reading more than this share of the rows by int8 codes takes longer than all of them by bits. */
const mostUseful = 0.05;

/** Rows of one step: about 1 ms. */
const rowsPerStep = 32;

/**
 * Groups the rows of a namespace in cells, in steps of about a millisecond: 4 · √rows of them are centres, each
 * moves once to the mean of the sample rows nearest to it (one round of k-means), then every row joins its nearest
 * centre. Rows pushed meanwhile are included. Pairs of the sample fill the tail table.
 *
 * @param codes with int8 codes of all rows
 * @returns `undefined` if the vectors have so little structure that a search would read too many of them
 */
export function* trainCells(codes: DenseCodes): Generator<void, Cells | undefined> {
  const { dimension } = codes;
  const sample = new DenseCodes(dimension, true);
  const limit = Math.min(sampleRows, Math.floor(sampleBytes / codes.byteStride));
  for (const row of evenly(codes.rowCount, limit)) {
    sample.push(codes.vectorOf(row));
    if (sample.rowCount % rowsPerStep === 0) yield;
  }
  const seeds = new DenseCodes(dimension, true);
  const count = Math.min(mostCells, Math.round(4 * Math.sqrt(codes.rowCount)));
  for (const row of evenly(sample.rowCount, count)) seeds.push(sample.vectorOf(row));
  const centres = yield* moveToMeans(new Cells(seeds, new TailTable()), sample);
  const tail = new TailTable();
  const cells = new Cells(centres, tail);
  const best = Math.max(1, Math.round((bestRows * sample.rowCount) / codes.rowCount));
  if (!(yield* measure(cells, sample, best))) return undefined;
  while (cells.rowCount < codes.rowCount) {
    cells.push(codes);
    if (cells.rowCount % rowsPerStep === 0) yield;
  }
  return cells;
}

/** Up to `count` of the numbers below `length`, evenly spaced. */
function evenly(length: number, count: number): number[] {
  const step = Math.max(1, length / count);
  return Array.from({ length: Math.min(length, count) }, (_, place) => Math.floor(place * step));
}

/** The means of the directions of the sample rows nearest to each centre. A centre without rows stays. */
function* moveToMeans(cells: Cells, sample: DenseCodes): Generator<void, DenseCodes> {
  const { dimension } = sample;
  const sums = new Float32Array(cells.count * dimension);
  const isMoved = new Uint8Array(cells.count);
  for (let row = 0; row < sample.rowCount; row++) {
    const cell = cells.nearest(sample, row);
    isMoved[cell] = 1;
    const vector = sample.vectorOf(row);
    const inverse = 1 / (Math.sqrt(sample.squaredNorm(row)) || 1);
    for (let component = 0, place = cell * dimension; component < dimension; component++, place++) {
      sums[place] = (sums[place] as number) + inverse * (vector[component] as number);
    }
    if (row % rowsPerStep === 0) yield;
  }
  const centres = new DenseCodes(dimension, true);
  for (let cell = 0; cell < cells.count; cell++) {
    const mean = sums.subarray(cell * dimension, (cell + 1) * dimension);
    centres.push(isMoved[cell] === 1 ? mean : cells.centres.vectorOf(cell));
  }
  return centres;
}

/**
 * Fills the tail table with the similarities of sample rows to some of them.
 * @param bestCount rows of the sample that are as rare as the best 10 of all
 * @returns whether the median of these queries needs to read no more than `mostUseful` of the sample for them
 */
function* measure(cells: Cells, sample: DenseCodes, bestCount: number): Generator<void, boolean> {
  const { memory, byteStride } = sample;
  const cellOf = new Uint16Array(sample.rowCount);
  for (let row = 0; row < sample.rowCount; row++) {
    cellOf[row] = cells.nearest(sample, row);
    if (row % rowsPerStep === 0) yield;
  }
  const sizes = new Int32Array(cells.count);
  for (const cell of cellOf) sizes[cell] = (sizes[cell] as number) + 1;
  const asked: { left: Int32Array; last: number }[] = [];
  const scratch = new ScratchPool(sample, 1).acquire();
  const { positions, products, similarities, queryCodes } = scratch;
  for (const query of evenly(sample.rowCount, sampleQueries)) {
    const vector = sample.vectorOf(query);
    const bins = cells.binsOf(vector);
    const best = new TopK(bestCount);
    const { scale, squaredNorm } = new EncodedQuery(vector, metrics.COSINE, sample, scratch);
    for (const { chunk, first, count } of sample.chunks()) {
      const { uint16, float64 } = memory.views;
      for (let position = 0; position < count; position++) uint16[positions / 2 + position] = position;
      memory.kernel.dotProducts(queryCodes, chunk.bytes, byteStride, positions, count, products);
      memory.kernel.pickSimilar(
        positions,
        products,
        count,
        chunk.scales,
        chunk.squaredNorms,
        metrics.COSINE.kernelMetric,
        scale,
        squaredNorm,
        Number.NEGATIVE_INFINITY,
        similarities,
      );
      for (let position = 0; position < count; position++) {
        const row = first + position;
        if (row === query) continue;
        const similarity = float64[similarities / 8 + position] as number;
        cells.tail.add(bins[cellOf[row] as number] as number, similarity);
        best.offer(row, similarity);
      }
      yield;
    }
    asked.push({ left: cells.tail.rowsByBin(bins, sizes), last: best.worstScore });
  }
  const shares = asked.map(
    ({ left, last }) => cells.tail.rowsUntil(left, last, missedShare * bestCount) / sample.rowCount,
  );
  shares.sort((left, right) => left - right);
  return (shares[shares.length >> 1] as number) <= mostUseful;
}
