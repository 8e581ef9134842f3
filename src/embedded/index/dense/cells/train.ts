import type { SimilarityFunction } from "../../../settings.ts";
import { SlotGoneError } from "../../../storage/slot-gone.ts";
import { dotProduct } from "../../similarity.ts";
import { TopK } from "../../top-k.ts";
import { DenseCodes } from "../codes.ts";
import { EncodedQuery } from "../query.ts";
import { ScratchPool } from "../scratch.ts";
import type { ReadVectors } from "../search.ts";
import { Cells } from "./cells.ts";
import { Centres, mostCentres, type NearestCentre } from "./centres.ts";
import { TailTable } from "./tail-table.ts";

/** Rows that the centres and the tail table are made from, and the most bytes of their codes. */
const sampleRows = 16_384;
const sampleBytes = 64_000_000;

/**
 * Rows of the sample that serve as queries: one for so many rows up to the most, then one more for so many rows. Their
 * pairs with the sample are 100 times the rows or more, 8 million in a large index: of 100,000 rows, a chance of one in
 * a million is seen.
 */
const sampleQueries = { fewest: 256, rowsPerQuery: 160, most: 512, further: 1_000 } as const;

/** Cells have to serve a search for so many rows, and may miss this share of them (missingShare in search.ts). */
const bestRows = 10;
const missedShare = 0.01;

/** Reading more than this share of the rows takes longer than all of them by bits. */
const mostUseful = 0.05;

/** The share of the rows, and their number, that are taken to be too far from every centre: a search reads them all. */
const mostStrays = { share: 0.002, rows: 1_000 } as const;

/** Rows of one step: about 1 ms. */
const rowsPerStep = 32;

/** What cells are made from. */
export interface TrainingSource {
  readonly codes: DenseCodes;
  /** The int8 codes of all rows are loaded; else vectors are read. */
  readonly hasBytes: boolean;
  readonly similarity: SimilarityFunction;
  readonly readVectors: ReadVectors;
}

/**
 * Groups the rows of a namespace in cells, in steps of about a millisecond: 4 · √rows of them are centres, each
 * moves once to the mean of the sample rows nearest to it (one round of k-means), then every row joins its nearest
 * centre. Rows pushed meanwhile are included. Pairs of the sample fill the tail table.
 *
 * @returns `undefined` if the vectors have so little structure that a search would read too many of them
 */
export function* trainCells(source: TrainingSource): Generator<void, Cells | undefined> {
  const sample = yield* takeSample(source);
  try {
    return sample.rowCount === 0 ? undefined : yield* trainWith(sample, source);
  } finally {
    sample.memory.release();
  }
}

function* trainWith(
  sample: DenseCodes,
  { codes, similarity }: TrainingSource,
): Generator<void, Cells | undefined> {
  const seeds = new DenseCodes(codes.dimension, true);
  const count = Math.min(mostCentres, Math.round(4 * Math.sqrt(codes.rowCount)));
  for (const row of evenly(sample.rowCount, count)) seeds.copyRow(sample, row);
  const centres = new Centres(yield* moveToMeans(new Centres(seeds), sample, similarity));
  seeds.memory.release();
  const tail = new TailTable(similarity, spreadOf(sample, similarity));
  const best = Math.max(1, Math.round((bestRows * sample.rowCount) / codes.rowCount));
  const grouped = yield* group(
    centres,
    tail,
    sample,
    Math.min(mostStrays.share, mostStrays.rows / codes.rowCount),
  );
  if (!(yield* measure(grouped, sample, best, queriesFor(codes.rowCount)))) return undefined;
  const cells = new Cells(centres, tail, grouped.reach);
  while (cells.rowCount < codes.rowCount) {
    cells.push(codes);
    if (cells.rowCount % rowsPerStep === 0) yield;
  }
  return cells;
}

/** Int8 codes of rows all over the namespace. */
function* takeSample({ codes, hasBytes, readVectors }: TrainingSource): Generator<void, DenseCodes> {
  const sample = new DenseCodes(codes.dimension, true);
  const limit = Math.min(sampleRows, Math.floor(sampleBytes / codes.byteStride));
  for (const row of evenly(codes.rowCount, limit)) {
    if (hasBytes) sample.copyRow(codes, row);
    else pushRead(sample, readVectors, row);
    if (row % rowsPerStep === 0) yield;
  }
  return sample;
}

/** Takes a row unless it was deleted. */
function pushRead(sample: DenseCodes, readVectors: ReadVectors, row: number): void {
  try {
    for (const vector of readVectors([row])) sample.push(vector);
  } catch (error) {
    if (!(error instanceof SlotGoneError)) throw error;
  }
}

/** Up to `count` of the numbers below `length`, evenly spaced. */
function evenly(length: number, count: number): number[] {
  const step = Math.max(1, length / count);
  return Array.from({ length: Math.min(length, count) }, (_, place) => Math.floor(place * step));
}

function queriesFor(rowCount: number): number {
  const { fewest, rowsPerQuery, most, further } = sampleQueries;
  return (
    Math.min(most, Math.max(fewest, Math.floor(rowCount / rowsPerQuery))) + Math.floor(rowCount / further)
  );
}

/** What the tail table takes as the measure of similarities. */
function spreadOf(sample: DenseCodes, similarity: SimilarityFunction): number {
  if (similarity === "COSINE") return 1;
  const mean = new Float64Array(sample.dimension);
  let squaredNorms = 0;
  let largest = 0;
  for (let row = 0; row < sample.rowCount; row++) {
    const squaredNorm = sample.squaredNorm(row);
    squaredNorms += squaredNorm / sample.rowCount;
    largest = Math.max(largest, squaredNorm);
    if (similarity === "DOT_PRODUCT") continue;
    sample.vectorOf(row).forEach((component, place) => {
      mean[place] = (mean[place] as number) + component / sample.rowCount;
    });
  }
  if (similarity === "DOT_PRODUCT") return Math.sqrt(largest);
  return squaredNorms - mean.reduce((sum, component) => sum + component * component, 0);
}

/** The means of the sample rows nearest to each centre, for the cosine of their directions. A centre without rows stays. */
function* moveToMeans(
  centres: Centres,
  sample: DenseCodes,
  similarity: SimilarityFunction,
): Generator<void, DenseCodes> {
  const { dimension } = sample;
  const sums = new Float32Array(centres.count * dimension);
  const sizes = new Int32Array(centres.count);
  for (let row = 0; row < sample.rowCount; row++) {
    const { centre: cell } = centres.nearest(sample, row);
    sizes[cell] = (sizes[cell] as number) + 1;
    const weight = similarity === "COSINE" ? 1 / (Math.sqrt(sample.squaredNorm(row)) || 1) : 1;
    sample.addTo(sums, cell * dimension, row, weight);
    if (row % rowsPerStep === 0) yield;
  }
  const moved = new DenseCodes(dimension, true);
  for (let cell = 0; cell < centres.count; cell++) {
    const size = sizes[cell] as number;
    if (size === 0) moved.copyRow(centres.codes, cell);
    else {
      const sum = sums.subarray(cell * dimension, (cell + 1) * dimension);
      moved.pushRotated(sum.map((component) => component / size));
    }
    if (cell % rowsPerStep === 0) yield;
  }
  return moved;
}

/**
 * The sample in cells.
 * @param strays the share of its rows that are taken to be strays
 */
function* group(
  centres: Centres,
  tail: TailTable,
  sample: DenseCodes,
  strays: number,
): Generator<void, Cells> {
  const nearest: NearestCentre[] = [];
  while (nearest.length < sample.rowCount) {
    nearest.push(centres.nearest(sample, nearest.length));
    if (nearest.length % rowsPerStep === 0) yield;
  }
  const distances = Uint16Array.from(nearest, ({ distance }) => distance).sort();
  const reach = distances[Math.floor(distances.length * (1 - strays))] as number;
  const cells = new Cells(centres, tail, reach);
  for (const one of nearest) cells.join(one);
  return cells;
}

/**
 * Fills the tail table with the similarities of sample rows to some of them.
 * @param cells those of the sample
 * @param bestCount rows of the sample that are as rare as the best 10 of all
 * @returns whether the median of these queries needs to read no more than `mostUseful` of the sample for them
 */
function* measure(
  cells: Cells,
  sample: DenseCodes,
  bestCount: number,
  queryCount: number,
): Generator<void, boolean> {
  const { centres, tail, sizes } = cells;
  const { views } = sample.memory;
  const cellOf = new Uint16Array(sample.rowCount);
  for (let cell = 0; cell <= centres.count; cell++) for (const row of cells.rowsOf(cell)) cellOf[row] = cell;
  const asked: { left: Int32Array; last: number }[] = [];
  const scratch = new ScratchPool(sample, 1).acquire();
  for (const query of evenly(sample.rowCount, queryCount)) {
    const rotated = sample.vectorOf(query);
    const squaredNorm = dotProduct(rotated, rotated);
    const encoded = new EncodedQuery(rotated, squaredNorm, tail.metric, sample, scratch, true);
    // Without the strays, which every search reads.
    const { bins, rowsByBin } = centres.order(rotated, squaredNorm, tail, sizes.subarray(0, centres.count));
    const rowBin = tail.rowBinning(squaredNorm);
    const best = new TopK(bestCount);
    for (const { first, count } of sample.chunks()) {
      for (let place = 0; place < count; place++) views.uint32[scratch.rows / 4 + place] = first + place;
      encoded.measure(count, Number.NEGATIVE_INFINITY);
      for (let place = 0; place < count; place++) {
        const row = first + place;
        if (row === query) continue;
        const similarity = views.float64[scratch.similarities / 8 + place] as number;
        const bin = bins[cellOf[row] as number];
        if (bin !== undefined) tail.add(bin, rowBin(similarity));
        best.offer(row, similarity);
      }
      yield;
    }
    asked.push({ left: rowsByBin, last: rowBin(best.worstScore) });
  }
  const shares = asked.map(
    ({ left, last }) => tail.rowsUntil(left, last, missedShare * bestCount) / sample.rowCount,
  );
  shares.sort((left, right) => left - right);
  return (shares[shares.length >> 1] as number) <= mostUseful;
}
