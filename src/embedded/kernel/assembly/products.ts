/** Inner products of a query with the codes of rows. */

import { addressOf, areAdjacent, backAt, bytesAt, frontAt } from "./chunks.ts";
import { fetchRows, fetchTwo, rowsFetched } from "./fetch.ts";
import { sumLanes } from "./lanes.ts";

/**
 * Up to so many bytes of a code, four rows are compared side by side. Of longer ones the processor fetches one after the
 * other better than four at a time, unless they are in its cache: measured with 16 MB of 1,024 bytes each.
 */
const shortStride: usize = 256;

/**
 * Inner products of the query with the int8 codes of rows. The caller scales the query so that no sum overflows int32.
 *
 * @param query i16[stride]
 * @param rows u32[count]
 * @param chunks the table of chunks
 * @param products out: i32[count]
 */
export function byteProducts(
  query: usize,
  rows: usize,
  count: u32,
  chunks: usize,
  stride: usize,
  products: usize,
): void {
  for (let first: u32 = 0; first < count; first += rowsFetched) {
    const end = min(first + rowsFetched, count);
    fetchRows(rows, first, end, chunks, bytesAt, stride);
    for (let place = first; place < end; place++) {
      const code = addressOf(chunks, load<u32>(rows + (place << 2)), bytesAt, stride);
      if (stride <= shortStride && end - place >= 4 && areAdjacent(rows + (place << 2))) {
        v128.store(products + (place << 2), fourDotProducts(query, code, stride));
        place += 3;
        continue;
      }
      store<i32>(products + (place << 2), dotProduct(query, code, stride));
    }
  }
}

/**
 * Inner products of the query, in codes of 4 bits, with the signs of rows (RaBitQ, Gao and Long 2024, section 3.3).
 *
 * @param frontPlanes bits[4][frontStride · 8], the bits of the query's codes in two's complement, the lowest first
 * @param backPlanes bits[4][backStride · 8]
 * @param sum the sum of the query's codes
 * @param rows u32[count]
 * @param chunks the table of chunks
 * @param products out: i32[count]
 */
export function bitProducts(
  frontPlanes: usize,
  backPlanes: usize,
  sum: i32,
  rows: usize,
  count: u32,
  chunks: usize,
  frontStride: usize,
  backStride: usize,
  products: usize,
): void {
  for (let first: u32 = 0; first < count; first += rowsFetched) {
    const end = min(first + rowsFetched, count);
    fetchTwo(rows, first, end, chunks, frontAt, frontStride, backAt, backStride);
    for (let place = first; place < end; place++) {
      const row = load<u32>(rows + (place << 2));
      // A set bit is a negative component: its code counts against the sum, and is not in it.
      const negative = i32x4.add(
        codesAtBits(frontPlanes, addressOf(chunks, row, frontAt, frontStride), frontStride),
        codesAtBits(backPlanes, addressOf(chunks, row, backAt, backStride), backStride),
      );
      store<i32>(products + (place << 2), sum - 2 * sumLanes(negative));
    }
  }
}

/** The sum of the query's codes where a bit is set, in four parts. */
function codesAtBits(planes: usize, bits: usize, stride: usize): v128 {
  const second = planes + stride;
  const third = second + stride;
  const fourth = third + stride;
  let sums = i16x8.splat(0);
  for (let place: usize = 0; place < stride; place += 16) {
    const set = v128.load(bits + place);
    // A byte has 8 codes from -8 to 7.
    let codes = i8x16.neg(among(set, fourth + place));
    codes = i8x16.add(i8x16.add(codes, codes), among(set, third + place));
    codes = i8x16.add(i8x16.add(codes, codes), among(set, second + place));
    codes = i8x16.add(i8x16.add(codes, codes), among(set, planes + place));
    sums = i16x8.add(sums, i16x8.extadd_pairwise_i8x16_s(codes));
  }
  return i32x4.extadd_pairwise_i16x8_s(sums);
}

/** Per byte of 16, how many bits are set in both. */
function among(set: v128, plane: usize): v128 {
  return i8x16.popcnt(v128.and(set, v128.load(plane)));
}

/** 16 components a turn; two running sums, so that one addition need not wait for the other. */
function dotProduct(query: usize, code: usize, stride: usize): i32 {
  let even = i32x4.splat(0);
  let odd = i32x4.splat(0);
  for (let place: usize = 0; place < stride; place += 16) {
    even = i32x4.add(
      even,
      i32x4.dot_i16x8_s(v128.load_ext<i8>(code + place), v128.load(query + (place << 1))),
    );
    odd = i32x4.add(
      odd,
      i32x4.dot_i16x8_s(v128.load_ext<i8>(code + place, 8), v128.load(query + (place << 1), 16)),
    );
  }
  return sumLanes(i32x4.add(even, odd));
}

/** The same with four codes, one after the other. */
function fourDotProducts(query: usize, codes: usize, stride: usize): v128 {
  let first = i32x4.splat(0);
  let second = i32x4.splat(0);
  let third = i32x4.splat(0);
  let fourth = i32x4.splat(0);
  for (let place: usize = 0; place < stride; place += 8) {
    const components = v128.load(query + (place << 1));
    const code = codes + place;
    first = i32x4.add(first, i32x4.dot_i16x8_s(v128.load_ext<i8>(code), components));
    second = i32x4.add(second, i32x4.dot_i16x8_s(v128.load_ext<i8>(code + stride), components));
    third = i32x4.add(third, i32x4.dot_i16x8_s(v128.load_ext<i8>(code + 2 * stride), components));
    fourth = i32x4.add(fourth, i32x4.dot_i16x8_s(v128.load_ext<i8>(code + 3 * stride), components));
  }
  return pairSums(pairSums(first, second), pairSums(third, fourth));
}

/** The sums of neighbouring lanes: two of the one, two of the other. */
function pairSums(one: v128, other: v128): v128 {
  return i32x4.add(i32x4.shuffle(one, other, 0, 2, 4, 6), i32x4.shuffle(one, other, 1, 3, 5, 7));
}
