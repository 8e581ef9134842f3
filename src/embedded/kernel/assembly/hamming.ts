/** Distances of bit codes. */

import { addressOf, frontAt } from "./chunks.ts";
import { fetchRows, rowsFetched } from "./fetch.ts";
import { sumLanes } from "./lanes.ts";

/** What `hammingDistances` writes for a row that is not accepted: no distance is as large. */
const rejected: u16 = 0xffff;

/** Set in the distance of a row whose bits were compared in part. */
const partial: u16 = 0x8000;

/** Bytes after which counts of bits, up to 8 for each 16 bytes, are widened: a byte holds 31 · 8. */
const widenAfter: usize = 256;

/**
 * Per row, how many bits differ from the query's. Goes through the four quarters of the rows side by
 * side, four streams out of memory: 1,000,000 × 1,024 bits take 15.2 ms, against 18.2 ms by four neighbours
 * at once, 21.2 ms one by one, and 11.7 ms for nothing but loads.
 *
 * @param query bits[stride · 8]
 * @param codes bits[count][stride · 8]
 * @param accepted u8[count], 1 for a row that counts
 * @param flag 0x8000 where these are not all bits of the rows, else 0
 * @param distances out: u16[count], the flag set in each; 0xFFFF for a row that does not count
 */
export function hammingDistances(
  query: usize,
  codes: usize,
  stride: usize,
  accepted: usize,
  count: u32,
  flag: u32,
  distances: usize,
): void {
  const quarter = count >> 2;
  for (let row: u32 = 0; row < quarter; row++) {
    fourDistances(
      query,
      codes + <usize>row * stride,
      stride,
      accepted + row,
      quarter,
      <u16>flag,
      distances + (row << 1),
    );
  }
  for (let row = quarter << 2; row < count; row++) {
    const distance = hammingDistance(query, codes + <usize>row * stride, stride);
    storeAccepted(distances + (row << 1), distance | <u16>flag, accepted + row);
  }
}

/**
 * The distances of four rows, `apart` rows from one another; the codes are read where any of them counts.
 * Under a filter that is faster than row by row: branches are guessed wrong less often.
 */
function fourDistances(
  query: usize,
  first: usize,
  stride: usize,
  marks: usize,
  apart: usize,
  flag: u16,
  distances: usize,
): void {
  const secondMark = marks + apart;
  const thirdMark = secondMark + apart;
  const fourthMark = thirdMark + apart;
  let firstCounts = i16x8.splat(0);
  let secondCounts = i16x8.splat(0);
  let thirdCounts = i16x8.splat(0);
  let fourthCounts = i16x8.splat(0);
  if (load<u8>(marks) | load<u8>(secondMark) | load<u8>(thirdMark) | load<u8>(fourthMark)) {
    const second = first + apart * stride;
    const third = second + apart * stride;
    const fourth = third + apart * stride;
    for (let start: usize = 0; start < stride; start += widenAfter) {
      const end = min(start + widenAfter, stride);
      let firstBytes = i8x16.splat(0);
      let secondBytes = i8x16.splat(0);
      let thirdBytes = i8x16.splat(0);
      let fourthBytes = i8x16.splat(0);
      for (let place = start; place < end; place += 16) {
        const queried = v128.load(query + place);
        firstBytes = i8x16.add(firstBytes, differing(queried, first + place));
        secondBytes = i8x16.add(secondBytes, differing(queried, second + place));
        thirdBytes = i8x16.add(thirdBytes, differing(queried, third + place));
        fourthBytes = i8x16.add(fourthBytes, differing(queried, fourth + place));
      }
      firstCounts = i16x8.add(firstCounts, i16x8.extadd_pairwise_i8x16_u(firstBytes));
      secondCounts = i16x8.add(secondCounts, i16x8.extadd_pairwise_i8x16_u(secondBytes));
      thirdCounts = i16x8.add(thirdCounts, i16x8.extadd_pairwise_i8x16_u(thirdBytes));
      fourthCounts = i16x8.add(fourthCounts, i16x8.extadd_pairwise_i8x16_u(fourthBytes));
    }
  }
  const sums = v128.or(sumsOf(firstCounts, secondCounts, thirdCounts, fourthCounts), i32x4.splat(flag));
  const step = apart << 1;
  storeAccepted(distances, <u16>i32x4.extract_lane(sums, 0), marks);
  storeAccepted(distances + step, <u16>i32x4.extract_lane(sums, 1), secondMark);
  storeAccepted(distances + step * 2, <u16>i32x4.extract_lane(sums, 2), thirdMark);
  storeAccepted(distances + step * 3, <u16>i32x4.extract_lane(sums, 3), fourthMark);
}

/** The sums of the lanes of four vectors, none above 32,767. */
function sumsOf(first: v128, second: v128, third: v128, fourth: v128): v128 {
  const ones = i16x8.splat(1);
  const low = i16x8.narrow_i32x4_s(i32x4.dot_i16x8_s(first, ones), i32x4.dot_i16x8_s(second, ones));
  const high = i16x8.narrow_i32x4_s(i32x4.dot_i16x8_s(third, ones), i32x4.dot_i16x8_s(fourth, ones));
  const pairs = i16x8.narrow_i32x4_s(i32x4.dot_i16x8_s(low, ones), i32x4.dot_i16x8_s(high, ones));
  return i32x4.dot_i16x8_s(pairs, ones);
}

/** Writes the distance of a row that counts by its mark, `rejected` for any other. */
function storeAccepted(place: usize, distance: u16, mark: usize): void {
  store<u16>(place, load<u8>(mark) === 1 ? distance : rejected);
}

/**
 * Compares the other bits of the rows that were compared in part and differ in no more than `most`; the
 * distance of such a row is whole then, and its flag gone.
 *
 * @param query bits[stride · 8], those that were not compared yet
 * @param codes bits[count][stride · 8]
 * @param most less than 0x7FFF
 * @param distances in and out: u16[count]
 */
export function completeDistances(
  query: usize,
  codes: usize,
  stride: usize,
  count: u32,
  most: u32,
  distances: usize,
): void {
  const flags = i16x8.splat(<i16>partial);
  const limits = i16x8.splat(<i16>(most + 1));
  const whole = count & ~7;
  for (let row: u32 = 0; row < whole; row += 8) {
    // Whole distances wrap around, past any limit; that of a rejected row stays above.
    const soFar = i16x8.sub(v128.load(distances + (row << 1)), flags);
    for (let found = i16x8.bitmask(i16x8.lt_u(soFar, limits)); found !== 0; found &= found - 1) {
      completeDistance(query, codes, stride, row + ctz(found), distances);
    }
  }
  for (let row = whole; row < count; row++) {
    const distance = load<u16>(distances + (row << 1));
    if (distance >= partial && <u32>(distance - partial) <= most) {
      completeDistance(query, codes, stride, row, distances);
    }
  }
}

function completeDistance(query: usize, codes: usize, stride: usize, row: u32, distances: usize): void {
  const place = distances + (row << 1);
  const rest = hammingDistance(query, codes + <usize>row * stride, stride);
  store<u16>(place, load<u16>(place) - partial + rest);
}

/**
 * Of the selected rows, those that differ from the query in no more than `most` of the bits in front.
 *
 * @param query bits[stride · 8]
 * @param rows in: u32[count]; out: those that are left
 * @param chunks the table of chunks
 * @param stride bytes of a row in the front plane
 * @returns how many are left
 */
export function pickNear(
  query: usize,
  rows: usize,
  count: u32,
  chunks: usize,
  stride: usize,
  most: u32,
): u32 {
  let picked: u32 = 0;
  for (let first: u32 = 0; first < count; first += rowsFetched) {
    const end = min(first + rowsFetched, count);
    fetchRows(rows, first, end, chunks, frontAt, stride);
    for (let place = first; place < end; place++) {
      const row = load<u32>(rows + (place << 2));
      store<u32>(rows + (picked << 2), row);
      const distance = hammingDistance(query, addressOf(chunks, row, frontAt, stride), stride);
      picked += u32(<u32>distance <= most);
    }
  }
  return picked;
}

/** 64 bytes a turn, then 16: a byte counts to 32 before it has to be widened. */
function hammingDistance(left: usize, right: usize, bytes: usize): u16 {
  let counts = i16x8.splat(0);
  let place: usize = 0;
  for (; place + 64 <= bytes; place += 64) {
    const first = i8x16.add(
      differing(v128.load(left + place), right + place),
      differing(v128.load(left + place + 16), right + place + 16),
    );
    const second = i8x16.add(
      differing(v128.load(left + place + 32), right + place + 32),
      differing(v128.load(left + place + 48), right + place + 48),
    );
    counts = i16x8.add(counts, i16x8.extadd_pairwise_i8x16_u(i8x16.add(first, second)));
  }
  for (; place < bytes; place += 16) {
    counts = i16x8.add(
      counts,
      i16x8.extadd_pairwise_i8x16_u(differing(v128.load(left + place), right + place)),
    );
  }
  return sumCounts(counts);
}

/** Per byte of 16, how many bits differ. */
function differing(left: v128, right: usize): v128 {
  return i8x16.popcnt(v128.xor(left, v128.load(right)));
}

function sumCounts(counts: v128): u16 {
  return <u16>sumLanes(i32x4.extadd_pairwise_i16x8_u(counts));
}
