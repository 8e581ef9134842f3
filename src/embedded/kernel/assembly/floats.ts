/** Reads JSON lists of numbers; compiled together with kernel.ts. */

const comma: u32 = 0x2c;
const minus: u32 = 0x2d;
const plus: u32 = 0x2b;
const point: u32 = 0x2e;
const zero: u32 = 0x30;
const letterE: u32 = 0x65;
const start: u32 = 0x5b;
const end: u32 = 0x5d;

/** So many digits always fit into a u64. */
const mostDigits: usize = 19;

/** Powers of ten in the table of the caller: 10⁰ to 10⁶⁰. */
const mostExponent: i32 = 60;

/**
 * More than the relative error of the estimate: at most 2⁻⁵³ for each rounding (of the digits, of a power that is not
 * exact, of the product or quotient, and of the double that is estimated).
 */
const doubt: f64 = 1 / <f64>(1 << 48);

/** Others are left to the reader of any JSON. */
const smallest: f64 = 1e-30;
const largest: f64 = 3e38;

/** The characters of eight zeros. */
const zeros: u64 = (0x30303030 << 32) | 0x30303030;

/**
 * Reads the JSON text of a list of numbers as float32: each is the nearest float32 of the nearest double, as
 * `Float32Array.from(JSON.parse(text))` has it. It is clear from an estimate by all digits, unless a double that near to
 * the estimate could round to another float32.
 *
 * @param text u8[length + 32], from `[` to the first `]`, then zeros
 * @param powers f64[61], the nearest doubles of 10⁰ to 10⁶⁰
 * @param tens u64[9], 10⁰ to 10⁸
 * @param floats out: f32[length / 2]
 * @returns how many; -1 for a text that is not such a list, and for an empty list or a number that is unusual (more than
 * 19 digits, or of a size whose float32 may be denormal) or in doubt, which may be valid
 */
export function readFloats(text: usize, powers: usize, tens: usize, floats: usize): i32 {
  if (load<u8>(text) !== start) return -1;
  let target = floats;
  let at = text;
  do {
    at = skipBlanks(at + 1);
    // Signs are random, so that a branch would often be predicted wrong.
    const isNegative = <u32>(<u32>load<u8>(at) === minus);
    at += isNegative;
    let first = at;
    let digits: u64 = 0;
    let digit = digitAt(at);
    if (digit === 0) {
      digit = digitAt(++at);
      if (digit <= 9) return -1;
      first = at;
    } else if (digit > 9) return -1;
    for (; digit <= 9; digit = digitAt(++at)) digits = digits * 10 + digit;
    let count = at - first;
    let exponent: i32 = 0;
    if (<u32>load<u8>(at) === point) {
      const fraction = ++at;
      const length = digitsFrom(at);
      if (count === 0 && length >= 16 && length <= 24) {
        const upper = numberOf(load<u64>(at));
        const rest = length - 16;
        if (length > mostDigits && upper >= load<u64>(tens + ((mostDigits + 8 - length) << 3))) return -1;
        digits =
          (upper * 100000000 + numberOf(load<u64>(at + 8))) * load<u64>(tens + (rest << 3)) +
          numberOf(lastOf(load<u64>(at + length - 8), rest));
        at += length;
      } else {
        if (count === 0) {
          while (<u32>load<u8>(at) === zero) at++;
        }
        first = at;
        for (digit = digitAt(at); digit <= 9; digit = digitAt(++at)) digits = digits * 10 + digit;
        if (at === fraction) return -1;
        count += at - first;
      }
      exponent = <i32>(fraction - at);
    }
    if (count > mostDigits) return -1;
    if ((<u32>load<u8>(at) | 0x20) === letterE) {
      const sign = <u32>load<u8>(++at);
      if (sign === minus || sign === plus) at++;
      digit = digitAt(at);
      if (digit > 9) return -1;
      let written: i32 = 0;
      for (; digit <= 9; digit = digitAt(++at)) written = min(10000, written * 10 + <i32>digit);
      exponent += sign === minus ? -written : written;
    }
    let magnitude = <f64>digits;
    if (digits !== 0) {
      if (exponent > mostExponent || exponent < -mostExponent) return -1;
      if (exponent < 0) magnitude /= load<f64>(powers + ((<usize>-exponent) << 3));
      else magnitude *= load<f64>(powers + ((<usize>exponent) << 3));
      if (!(magnitude > smallest && magnitude < largest)) return -1;
      if (<f32>(magnitude * (1 - doubt)) !== <f32>(magnitude * (1 + doubt))) return -1;
    }
    store<u32>(target, reinterpret<u32>(<f32>magnitude) | (isNegative << 31));
    target += 4;
    at = skipBlanks(at);
  } while (<u32>load<u8>(at) === comma);
  return <u32>load<u8>(at) === end ? <i32>((target - floats) >> 2) : -1;
}

/** 0 to 9, or more if the character is no digit. */
function digitAt(at: usize): u32 {
  return <u32>load<u8>(at) - zero;
}

/** How many digits follow one another, up to 32. */
function digitsFrom(at: usize): usize {
  return ctz(~(digitMarks(at) | (digitMarks(at + 16) << 16)));
}

function digitMarks(at: usize): u32 {
  return <u32>i8x16.bitmask(i8x16.lt_u(i8x16.sub(v128.load(at), i8x16.splat(<i8>zero)), i8x16.splat(10)));
}

/** Eight digits with zeros in place of all but the last `count`, up to 8. */
function lastOf(eight: u64, count: usize): u64 {
  const mask = select<u64>((<u64>-1) << (64 - ((<u64>count) << 3)), 0, count > 0);
  return (eight & mask) | (zeros & ~mask);
}

/** The number that eight digits make: pairs, then fours, then all (Lemire, Number Parsing at a Gigabyte per Second, 2021). */
function numberOf(eight: u64): u64 {
  const values = eight - zeros;
  const pairs = values * 10 + (values >> 8);
  const upper = (pairs & 0x000000ff000000ff) * 0x000f424000000064;
  const lower = ((pairs >> 16) & 0x000000ff000000ff) * 0x0000271000000001;
  return (upper + lower) >> 32;
}

function skipBlanks(from: usize): usize {
  let at = from;
  let code = <u32>load<u8>(at);
  while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) code = <u32>load<u8>(++at);
  return at;
}
