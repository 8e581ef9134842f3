/** Rows chosen by their keys or marks. */

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

/**
 * The place of the smallest key; of equal ones the first.
 *
 * @param keys u16[count]
 * @param count at least 1
 */
export function smallestKey(keys: usize, count: u32): u32 {
  const whole = count & ~7;
  let minima = i16x8.splat(-1);
  for (let place: u32 = 0; place < whole; place += 8) {
    minima = i16x8.min_u(minima, v128.load(keys + (place << 1)));
  }
  minima = i16x8.min_u(
    minima,
    i8x16.shuffle(minima, minima, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7),
  );
  minima = i16x8.min_u(
    minima,
    i8x16.shuffle(minima, minima, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11),
  );
  let least = min(i16x8.extract_lane_u(minima, 0), i16x8.extract_lane_u(minima, 1));
  for (let place = whole; place < count; place++) least = min(least, load<u16>(keys + (place << 1)));
  const leasts = i16x8.splat(least);
  for (let place: u32 = 0; place < whole; place += 8) {
    const found = i16x8.bitmask(i16x8.eq(v128.load(keys + (place << 1)), leasts));
    if (found !== 0) return place + ctz(found);
  }
  let place = whole;
  while (load<u16>(keys + (place << 1)) !== least) place++;
  return place;
}
