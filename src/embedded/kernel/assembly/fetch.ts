/** Rows are read into the cache together: the processor waits once for all of them. */

import { addressOf } from "./chunks.ts";

/** Rows that are read together. */
export const rowsFetched: u32 = 16;

/** Rows that follow each other closely are fetched by the processor itself. */
const closeRows: u32 = 4;

// biome-ignore lint/correctness/noUnusedVariables: a read without a use is left out by the compiler
let lastTouched: i32 = 0;

/** Reads a part of every cache line that the rows from `first` to `end` have in one part of the chunks. */
export function fetchRows(
  rows: usize,
  first: u32,
  end: u32,
  chunks: usize,
  part: usize,
  stride: usize,
): void {
  fetchTwo(rows, first, end, chunks, part, stride, part, 0);
}

/** The same of two parts; of the other one nothing if its stride is 0. */
export function fetchTwo(
  rows: usize,
  first: u32,
  end: u32,
  chunks: usize,
  part: usize,
  stride: usize,
  otherPart: usize,
  otherStride: usize,
): void {
  if (!areScattered(rows, first, end)) return;
  let touched = i32x4.splat(0);
  for (let place = first; place < end; place++) {
    const row = load<u32>(rows + (place << 2));
    touched = v128.or(touched, touch(addressOf(chunks, row, part, stride), stride));
    if (otherStride === 0) continue;
    touched = v128.or(touched, touch(addressOf(chunks, row, otherPart, otherStride), otherStride));
  }
  lastTouched = i32x4.extract_lane(touched, 0);
}

function touch(row: usize, stride: usize): v128 {
  let touched = v128.load(row + stride - 16);
  for (let line: usize = 0; line < stride; line += 64) touched = v128.or(touched, v128.load(row + line));
  return touched;
}

function areScattered(rows: usize, first: u32, end: u32): bool {
  const span = load<u32>(rows + ((end - 1) << 2)) - load<u32>(rows + (first << 2));
  return span >= closeRows * (end - first);
}
