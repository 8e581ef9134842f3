/** Codes of vectors. */

/**
 * One bit a component, set where it is negative; component n is bit n & 7 of byte n >> 3. The bytes are dealt
 * out evenly: byte n goes to the front where a multiple of frontStride + backStride lies in
 * (n · frontStride, (n + 1) · frontStride], else to the back.
 *
 * @param vector f32[8 · (frontStride + backStride)]
 * @param front out: u8[frontStride]
 * @param back out: u8[backStride]
 */
export function signBits(
  vector: usize,
  frontStride: usize,
  backStride: usize,
  front: usize,
  back: usize,
): void {
  dealOut(vector, signs, frontStride, backStride, front, back);
}

/** For `dealOut`: the signs of float32 rather than a bit of int16. */
const signs: i32 = -1;

function dealOut(
  numbers: usize,
  bit: i32,
  frontStride: usize,
  backStride: usize,
  front: usize,
  back: usize,
): void {
  const stride = frontStride + backStride;
  let inFront: usize = 0;
  let due: usize = 0;
  for (let place: usize = 0; place < stride; place++) {
    const bits = bit === signs ? eightSigns(numbers + (place << 5)) : eightBits(numbers + (place << 4), bit);
    due += frontStride;
    if (due < stride) {
      store<u8>(back + place - inFront, bits);
    } else {
      store<u8>(front + inFront++, bits);
      due -= stride;
    }
  }
}

function eightSigns(components: usize): i32 {
  return i32x4.bitmask(v128.load(components)) | (i32x4.bitmask(v128.load(components, 16)) << 4);
}

function eightBits(codes: usize, bit: i32): i32 {
  return i16x8.bitmask(i16x8.shl(v128.load(codes), 15 - bit));
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

/**
 * Components as int16, scaled so that the largest magnitude becomes `largest` and rounded half to even.
 *
 * @param vector f32[stride], `stride` a multiple of 8
 * @param largest up to 32,767
 * @param codes out: i16[stride]
 * @returns the scale: component ≈ scale · code; 0, with codes of 0, for a vector of zeros
 */
export function quantizeWide(vector: usize, stride: usize, largest: f64, codes: usize): f64 {
  const scale = <f64>largestMagnitude(vector, stride) / largest;
  const inverse = f64x2.splat(scale === 0 ? 0 : 1 / scale);
  for (let place: usize = 0; place < stride; place += 8) {
    const components = vector + (place << 2);
    const low = fourScaled(components, inverse);
    v128.store(codes + (place << 1), i16x8.narrow_i32x4_s(low, fourScaled(components + 16, inverse)));
  }
  return scale;
}

function fourScaled(components: usize, factor: v128): v128 {
  const low = f64x2.promote_low_f32x4(v128.load64_zero(components));
  const high = f64x2.promote_low_f32x4(v128.load64_zero(components, 8));
  return i64x2.shuffle(twoRounded(low, factor), twoRounded(high, factor), 0, 2);
}

function twoRounded(components: v128, factor: v128): v128 {
  return i32x4.trunc_sat_f64x2_s_zero(f64x2.nearest(f64x2.mul(components, factor)));
}

/**
 * One bit of each code of 16 bits, dealt out as the bytes of `signBits` are.
 *
 * @param codes i16[8 · (frontStride + backStride)]
 * @param bit 0 for the lowest
 * @param front out: u8[frontStride]
 * @param back out: u8[backStride]
 */
export function planeBits(
  codes: usize,
  bit: i32,
  frontStride: usize,
  backStride: usize,
  front: usize,
  back: usize,
): void {
  dealOut(codes, bit, frontStride, backStride, front, back);
}

/**
 * @param vector f32[count], `count` a multiple of 4
 * @returns the sum of the magnitudes
 */
export function sumOfMagnitudes(vector: usize, count: usize): f32 {
  let sums = f32x4.splat(0);
  for (let place: usize = 0; place < count; place += 4) {
    sums = f32x4.add(sums, f32x4.abs(v128.load(vector + (place << 2))));
  }
  return (
    f32x4.extract_lane(sums, 0) +
    f32x4.extract_lane(sums, 1) +
    (f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3))
  );
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
