/**
 * The inner loops of dense search, in AssemblyScript: compiled to WebAssembly SIMD by `asc`, never by
 * `tsc`. All arguments named after data are byte addresses in the imported memory, multiples of 16;
 * strides are bytes a row, multiples of 16. test/embedded/kernel/twin.ts says the same in plain
 * TypeScript.
 */

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

/**
 * Adds rows to the count of their key; those of keys from `keyCount` on are left out.
 *
 * @param keys u16[count]
 * @param histogram in and out: u32[keyCount]
 */
export function countKeys(keys: usize, count: u32, keyCount: u32, histogram: usize): void {
  for (let row: u32 = 0; row < count; row++) {
    const key: u32 = load<u16>(keys + (row << 1));
    if (key >= keyCount) continue;
    const place = histogram + (key << 2);
    store<u32>(place, load<u32>(place) + 1);
  }
}

/**
 * The rows with `low` ≤ key < `high`, in ascending order.
 *
 * @param keys u16[count]
 * @param low at most `high`
 * @param first the number of the first row
 * @param rows out: u32[count]
 * @returns how many rows were written
 */
export function pickKeys(keys: usize, count: u32, low: u32, high: u32, first: u32, rows: usize): u32 {
  const lows = i16x8.splat(<i16>low);
  const widths = i16x8.splat(<i16>(high - low));
  const whole = count & ~7;
  let end = rows;
  for (let row: u32 = 0; row < whole; row += 8) {
    // Less than `low` wraps around, past any width.
    const above = i16x8.sub(v128.load(keys + (row << 1)), lows);
    for (let found = i16x8.bitmask(i16x8.lt_u(above, widths)); found !== 0; found &= found - 1, end += 4) {
      store<u32>(end, first + row + ctz(found));
    }
  }
  for (let row = whole; row < count; row++) {
    const key: u32 = load<u16>(keys + (row << 1));
    if (key < low || key >= high) continue;
    store<u32>(end, first + row);
    end += 4;
  }
  return <u32>((end - rows) >> 2);
}

/**
 * The rows that are marked with 1, in ascending order.
 *
 * @param marks u8[count]
 * @param first the number of the first row
 * @param rows out: u32[count]
 * @returns how many rows were written
 */
export function pickMarked(marks: usize, count: u32, first: u32, rows: usize): u32 {
  const ones = i8x16.splat(1);
  const whole = count & ~15;
  let end = rows;
  for (let row: u32 = 0; row < whole; row += 16) {
    for (let found = i8x16.bitmask(i8x16.eq(v128.load(marks + row), ones)); found !== 0; found &= found - 1) {
      store<u32>(end, first + row + ctz(found));
      end += 4;
    }
  }
  for (let row = whole; row < count; row++) {
    if (load<u8>(marks + row) !== 1) continue;
    store<u32>(end, first + row);
    end += 4;
  }
  return <u32>((end - rows) >> 2);
}

/** Rows of a chunk are 2¹² (index/dense/codes.ts); its entry in the table of chunks has 2⁵ bytes. */
const chunkShift: u32 = 12;
const entryShift: u32 = 5;

/** The entry of a row's chunk: u32 addresses of front bits, back bits, int8 codes, squared norms, two kinds of scales. */
function entryOf(chunks: usize, row: u32): usize {
  return chunks + ((<usize>(row >> chunkShift)) << entryShift);
}

function positionOf(row: u32): usize {
  return row & ((1 << chunkShift) - 1);
}

/** Metrics, as `pickSimilar` takes them; by any other number it is the squared distance, its sign turned. */
const cosine: u32 = 0;
const innerProduct: u32 = 1;

/**
 * Of rows whose codes were compared, those that are not less similar than `floor`, with their similarities by the
 * formulas of index/dense/metric.ts. What is no number is among them.
 *
 * @param rows in: u32[count]; out: those that are left
 * @param products i32[count], inner products of the codes
 * @param chunks the table of chunks
 * @param scaleAt the byte in an entry that names the scales of the codes compared: f32, the value of one step of a code
 * @param factor the value of one step of the query's code
 * @param similarities out: f64[count]
 * @returns how many are left
 */
export function pickSimilar(
  rows: usize,
  products: usize,
  count: u32,
  chunks: usize,
  scaleAt: u32,
  metric: u32,
  factor: f64,
  querySquaredNorm: f64,
  floor: f64,
  similarities: usize,
): u32 {
  let picked: u32 = 0;
  for (let place: u32 = 0; place < count; place++) {
    const row = load<u32>(rows + (place << 2));
    const entry = entryOf(chunks, row);
    const offset = positionOf(row) << 2;
    const scale = <f64>load<f32>(<usize>load<u32>(entry + scaleAt) + offset);
    const squaredNorm = <f64>load<f32>(<usize>load<u32>(entry + 12) + offset);
    const product = <f64>load<i32>(products + (place << 2)) * scale * factor;
    let similarity = product;
    if (metric === cosine) {
      const squares = squaredNorm * querySquaredNorm;
      similarity = squares === 0 ? 0 : product / sqrt(squares);
    } else if (metric !== innerProduct) {
      similarity = 2 * product - squaredNorm - querySquaredNorm;
    }
    if (similarity < floor) continue;
    store<u32>(rows + (picked << 2), row);
    store<f64>(similarities + (picked << 3), similarity);
    picked++;
  }
  return picked;
}

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
  let touched = i32x4.splat(0);
  for (let first: u32 = 0; first < count; first += rowsFetched) {
    const end = min(first + rowsFetched, count);
    const fetched = areScattered(rows, first, end) ? end : first;
    for (let place = first; place < fetched; place++) {
      touched = v128.or(touched, touch(codeOf(chunks, load<u32>(rows + (place << 2)), stride), stride));
    }
    for (let place = first; place < end; place++) {
      const code = codeOf(chunks, load<u32>(rows + (place << 2)), stride);
      store<i32>(products + (place << 2), dotProduct(query, code, stride));
    }
  }
  keepTouched(touched);
}

function codeOf(chunks: usize, row: u32, stride: usize): usize {
  return <usize>load<u32>(entryOf(chunks, row) + 8) + positionOf(row) * stride;
}

/** Scattered rows that are read into the cache together: the processor waits once for all of them. */
const rowsFetched: u32 = 16;

/** Rows that follow each other closely are fetched by the processor itself. */
const closeRows: u32 = 4;

function areScattered(rows: usize, first: u32, end: u32): bool {
  const span = load<u32>(rows + ((end - 1) << 2)) - load<u32>(rows + (first << 2));
  return span >= closeRows * (end - first);
}

/** Reads a part of every cache line of a row. */
function touch(row: usize, stride: usize): v128 {
  let touched = i32x4.splat(0);
  for (let place: usize = 0; place < stride; place += 64) touched = v128.or(touched, v128.load(row + place));
  return v128.or(touched, v128.load(row + stride - 16));
}

// biome-ignore lint/correctness/noUnusedVariables: a read without a use is left out by the compiler
let lastTouched: i32 = 0;

/** Uses what `touch` read. */
function keepTouched(touched: v128): void {
  lastTouched = i32x4.extract_lane(touched, 0);
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
  let touched = i32x4.splat(0);
  for (let first: u32 = 0; first < count; first += rowsFetched) {
    const end = min(first + rowsFetched, count);
    const fetched = areScattered(rows, first, end) ? end : first;
    for (let place = first; place < fetched; place++) {
      const row = load<u32>(rows + (place << 2));
      touched = v128.or(touched, touch(frontOf(chunks, row, frontStride), frontStride));
      touched = v128.or(touched, touch(backOf(chunks, row, backStride), backStride));
    }
    for (let place = first; place < end; place++) {
      const row = load<u32>(rows + (place << 2));
      // A set bit is a negative component: its code counts against the sum, and is not in it.
      const negative = i32x4.add(
        codesAtBits(frontPlanes, frontOf(chunks, row, frontStride), frontStride),
        codesAtBits(backPlanes, backOf(chunks, row, backStride), backStride),
      );
      store<i32>(products + (place << 2), sum - 2 * sumLanes(negative));
    }
  }
  keepTouched(touched);
}

function frontOf(chunks: usize, row: u32, stride: usize): usize {
  return <usize>load<u32>(entryOf(chunks, row)) + positionOf(row) * stride;
}

function backOf(chunks: usize, row: u32, stride: usize): usize {
  return <usize>load<u32>(entryOf(chunks, row) + 4) + positionOf(row) * stride;
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
  const stride = frontStride + backStride;
  let inFront: usize = 0;
  let due: usize = 0;
  for (let place: usize = 0; place < stride; place++) {
    const signs = eightSigns(vector + (place << 5));
    due += frontStride;
    if (due < stride) {
      store<u8>(back + place - inFront, signs);
    } else {
      store<u8>(front + inFront++, signs);
      due -= stride;
    }
  }
}

function eightSigns(components: usize): u32 {
  return i32x4.bitmask(v128.load(components)) | (i32x4.bitmask(v128.load(components, 16)) << 4);
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

/**
 * Turns a vector, in place: each round multiplies `span` components by factors and transforms them by the
 * Walsh-Hadamard matrix; the first ones in rounds 0, 2, ..., the last ones in between.
 *
 * @param vector f32[count]
 * @param span a power of two, up to `count`
 * @param factors f32[rounds][span]
 */
export function rotate(vector: usize, count: usize, span: usize, factors: usize, rounds: u32): void {
  for (let round: u32 = 0; round < rounds; round++) {
    const first = vector + (round & 1 ? (count - span) << 2 : 0);
    const row = factors + ((<usize>round * span) << 2);
    if (span < 4) {
      for (let place: usize = 0; place < span << 2; place += 4) {
        store<f32>(first + place, load<f32>(first + place) * load<f32>(row + place));
      }
      if (span === 2) addAndSubtract(first, first + 4);
      continue;
    }
    for (let place: usize = 0; place < span << 2; place += 16) {
      v128.store(first + place, fourTransformed(f32x4.mul(v128.load(first + place), v128.load(row + place))));
    }
    for (let half: usize = 16; half < span << 2; half <<= 1) {
      for (let start = first; start < first + (span << 2); start += half << 1) {
        for (let place = start; place < start + half; place += 16) {
          const left = v128.load(place);
          const right = v128.load(place + half);
          v128.store(place, f32x4.add(left, right));
          v128.store(place + half, f32x4.sub(left, right));
        }
      }
    }
  }
}

function addAndSubtract(first: usize, second: usize): void {
  const left = load<f32>(first);
  const right = load<f32>(second);
  store<f32>(first, left + right);
  store<f32>(second, left - right);
}

/** The Walsh-Hadamard transform of four lanes: pairs of neighbours, then pairs of pairs. */
function fourTransformed(lanes: v128): v128 {
  const second = f32x4(1, -1, 1, -1);
  const pairs = f32x4.add(
    i32x4.shuffle(lanes, lanes, 0, 0, 2, 2),
    f32x4.mul(i32x4.shuffle(lanes, lanes, 1, 1, 3, 3), second),
  );
  return f32x4.add(
    i32x4.shuffle(pairs, pairs, 0, 1, 0, 1),
    f32x4.mul(i32x4.shuffle(pairs, pairs, 2, 3, 2, 3), f32x4(1, 1, -1, -1)),
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

function sumLanes(lanes: v128): i32 {
  return (
    i32x4.extract_lane(lanes, 0) +
    i32x4.extract_lane(lanes, 1) +
    i32x4.extract_lane(lanes, 2) +
    i32x4.extract_lane(lanes, 3)
  );
}
