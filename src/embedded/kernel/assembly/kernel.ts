/**
 * The inner loops of dense search, in AssemblyScript: compiled to WebAssembly SIMD by `asc`, never by
 * `tsc`. All arguments named after data are byte addresses in the imported memory, multiples of 16;
 * strides are bytes a row, multiples of 16. test/embedded/kernel/twin.ts says the same in plain
 * TypeScript.
 */

/** What `hammingDistances` writes for a row that is not accepted: no distance is as large. */
const rejected: u16 = 0xffff;

/**
 * Per row, how many bits differ from the query's.
 *
 * @param query bits[stride · 8]
 * @param codes bits[count][stride · 8]
 * @param accepted u8[count], 1 for a row that counts
 * @param distances out: u16[count]; 0xFFFF for a row that does not count
 */
export function hammingDistances(
  query: usize,
  codes: usize,
  stride: usize,
  accepted: usize,
  count: u32,
  distances: usize,
): void {
  let code = codes;
  for (let row: u32 = 0; row < count; row++, code += stride) {
    const distance = load<u8>(accepted + row) === 1 ? hammingDistance(query, code, stride) : rejected;
    store<u16>(distances + (row << 1), distance);
  }
}

/** 64 bytes a turn, then 16: a byte counts to 32 before it has to be widened. */
function hammingDistance(left: usize, right: usize, bytes: usize): u16 {
  let counts = i16x8.splat(0);
  let place: usize = 0;
  for (; place + 64 <= bytes; place += 64) {
    const first = i8x16.add(
      differing(left + place, right + place),
      differing(left + place + 16, right + place + 16),
    );
    const second = i8x16.add(
      differing(left + place + 32, right + place + 32),
      differing(left + place + 48, right + place + 48),
    );
    counts = i16x8.add(counts, i16x8.extadd_pairwise_i8x16_u(i8x16.add(first, second)));
  }
  for (; place < bytes; place += 16) {
    counts = i16x8.add(counts, i16x8.extadd_pairwise_i8x16_u(differing(left + place, right + place)));
  }
  return <u16>sumLanes(i32x4.extadd_pairwise_i16x8_u(counts));
}

/** Per byte of 16, how many bits differ. */
function differing(left: usize, right: usize): v128 {
  return i8x16.popcnt(v128.xor(v128.load(left), v128.load(right)));
}

/**
 * Inner products of the query with rows picked out of a block. The caller scales the query so that no
 * sum leaves int32.
 *
 * @param query i16[stride]
 * @param codes i8[rows][stride]
 * @param positions u16[count], rows within `codes`
 * @param products out: i32[count]
 */
export function dotProducts(
  query: usize,
  codes: usize,
  stride: usize,
  positions: usize,
  count: u32,
  products: usize,
): void {
  for (let place: u32 = 0; place < count; place++) {
    const row: usize = load<u16>(positions + (place << 1));
    store<i32>(products + (place << 2), dotProduct(query, codes + row * stride, stride));
  }
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

/**
 * One bit a component, set where it is negative; component n is bit n & 7 of byte n >> 3.
 *
 * @param vector f32[8 · bytes]
 * @param bits out: u8[bytes]
 */
export function signBits(vector: usize, bytes: usize, bits: usize): void {
  for (let place: usize = 0; place < bytes; place++) {
    const components = vector + (place << 5);
    const low = i32x4.bitmask(v128.load(components));
    const high = i32x4.bitmask(v128.load(components, 16));
    store<u8>(bits + place, low | (high << 4));
  }
}

/**
 * Components as int8, scaled so that the largest magnitude becomes 127 and rounded half to even.
 *
 * @param vector f32[stride]
 * @param codes out: i8[stride]
 * @returns the scale: component ≈ scale · code; 0, with codes of 0, for a vector too small or too large to be
 * scaled in float32
 */
export function quantize(vector: usize, stride: usize, codes: usize): f32 {
  const largest = largestMagnitude(vector, stride);
  const inverse: f32 = 127 / largest;
  if (!(inverse > 0 && inverse < Infinity)) {
    memory.fill(codes, 0, stride);
    return 0;
  }
  const factor = f32x4.splat(inverse);
  for (let place: usize = 0; place < stride; place += 16) {
    const components = vector + (place << 2);
    const low = i16x8.narrow_i32x4_s(scaled(components, factor), scaled(components + 16, factor));
    const high = i16x8.narrow_i32x4_s(scaled(components + 32, factor), scaled(components + 48, factor));
    v128.store(codes + place, i8x16.narrow_i16x8_s(low, high));
  }
  return largest / 127;
}

function scaled(components: usize, factor: v128): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(components), factor)));
}

function largestMagnitude(vector: usize, count: usize): f32 {
  let largest = f32x4.splat(0);
  for (let place: usize = 0; place < count; place += 4) {
    largest = f32x4.max(largest, f32x4.abs(v128.load(vector + (place << 2))));
  }
  return max(
    max(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1)),
    max(f32x4.extract_lane(largest, 2), f32x4.extract_lane(largest, 3)),
  );
}

function sumLanes(lanes: v128): i32 {
  return (
    i32x4.extract_lane(lanes, 0) +
    i32x4.extract_lane(lanes, 1) +
    i32x4.extract_lane(lanes, 2) +
    i32x4.extract_lane(lanes, 3)
  );
}
