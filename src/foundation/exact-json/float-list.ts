/** Bytes of the longest list that is read here: 5,376 components of 24 characters and more. */
const longestList = 160 * 1024;

/** Powers of ten as the nearest doubles; exact up to 22. */
const powers: Float64Array = Float64Array.from({ length: 61 }, (_, exponent) => Number(`1e${exponent}`));

/** The first digits of a number go into two int32: 9 and 8. More are not used. */
const [highDigits, mostDigits] = [9, 17];

/**
 * More than the relative error of the estimate: less than 2^-53 for each rounding (of the digits, the power, the
 * product, and the double that is estimated), and 10^-16 for the digits that are not used.
 */
const doubt = 2 ** -48;

/** Others are left to the reader of any JSON. */
const [smallest, largest] = [1e-30, 3e38];

const codes = {
  comma: 0x2c,
  minus: 0x2d,
  plus: 0x2b,
  point: 0x2e,
  zero: 0x30,
  letterE: 0x65,
  start: 0x5b,
  end: 0x5d,
};

const bytes: Uint8Array = new Uint8Array(longestList + 4);
const view: DataView = new DataView(bytes.buffer);
/** The pages read JSON with this too: it has to work in a browser. */
const encoder = new TextEncoder();
const target: Uint8Array = bytes.subarray(0, longestList);
const floats: Float32Array = new Float32Array(longestList / 2);

/**
 * Reads the JSON text of a list of numbers straight into float32: each is the nearest float32 of the nearest double, as
 * `Float32Array.from(JSON.parse(text))` has it. That float32 is clear from an estimate by 17 digits, unless a double so
 * near to the estimate could round to another one: then the native parser reads the number.
 *
 * @returns `undefined` for a text that is not such a list, and for an empty or long list or a number of unusual size,
 * which may be valid
 */
export function readFloatList(text: string): Float32Array | undefined {
  if (text.length > longestList) return undefined;
  // Other characters than ASCII take bytes that no number has.
  const end = encoder.encodeInto(text, target).written - 1;
  if (bytes[0] !== codes.start || end + 1 < text.length) return undefined;
  let count = 0;
  let at = 0;
  do {
    at = skipBlanks(at + 1);
    const start = at;
    if (bytes[at] === codes.minus) at++;
    const first = at;
    let high = 0;
    let low = 0;
    let digits = 0;
    let exponent = 0;
    let digit = digitAt(at);
    for (; isDigit(digit); digit = digitAt(++at)) {
      if (digits < highDigits) high = high * 10 + digit;
      else if (digits < mostDigits) low = low * 10 + digit;
      else exponent++;
      if (high !== 0) digits++;
    }
    if (at === first || (bytes[first] === codes.zero && at > first + 1)) return undefined;
    if (bytes[at] === codes.point) {
      const point = at++;
      for (digit = digitAt(at); isDigit(digit); digit = digitAt(at)) {
        // Four digits at once, after the first that counts.
        const four = digits === 0 ? -1 : fourDigitsAt(at);
        if (four >= 0 && digits + 4 <= highDigits) {
          high = high * 10_000 + four;
          exponent -= 4;
          digits += 4;
          at += 4;
        } else if (four >= 0 && digits >= highDigits) {
          if (digits + 4 <= mostDigits) {
            low = low * 10_000 + four;
            exponent -= 4;
            digits += 4;
            at += 4;
          } else if (digits < mostDigits) {
            low = low * 10 + digit;
            exponent--;
            digits++;
            at++;
          } else at += 4;
        } else {
          if (digits < highDigits) high = high * 10 + digit;
          else if (digits < mostDigits) low = low * 10 + digit;
          if (digits < mostDigits) exponent--;
          if (high !== 0) digits++;
          at++;
        }
      }
      if (at === point + 1) return undefined;
    }
    if (((bytes[at] as number) | 0x20) === codes.letterE) {
      const isMinus = bytes[++at] === codes.minus;
      if (isMinus || bytes[at] === codes.plus) at++;
      const firstOfExponent = at;
      let written = 0;
      for (digit = digitAt(at); isDigit(digit); digit = digitAt(++at)) {
        written = Math.min(10_000, written * 10 + digit);
      }
      if (at === firstOfExponent) return undefined;
      exponent += isMinus ? -written : written;
    }
    let magnitude = high;
    if (high !== 0) {
      if (exponent >= powers.length || exponent <= -powers.length) return undefined;
      if (digits > highDigits)
        magnitude = high * (powers[Math.min(digits, mostDigits) - highDigits] as number) + low;
      if (exponent < 0) magnitude /= powers[-exponent] as number;
      else magnitude *= powers[exponent] as number;
      if (!(magnitude > smallest && magnitude < largest)) return undefined;
      if (Math.fround(magnitude * (1 - doubt)) !== Math.fround(magnitude * (1 + doubt))) {
        magnitude = Math.abs(Number(text.slice(start, at)));
      }
    }
    floats[count++] = bytes[start] === codes.minus ? -magnitude : magnitude;
    at = skipBlanks(at);
  } while (bytes[at] === codes.comma);
  return bytes[at] === codes.end && at === end ? floats.slice(0, count) : undefined;
}

function digitAt(at: number): number {
  return (bytes[at] as number) - codes.zero;
}

function isDigit(digit: number): boolean {
  return digit >= 0 && digit <= 9;
}

/** The number that four digits make; -1 if there are other characters among the four bytes. */
function fourDigitsAt(at: number): number {
  const word = view.getInt32(at, true);
  // Digits have the upper half 3, and no carry into it when six is added.
  if (((word & 0xf0f0f0f0) ^ 0x30303030) !== 0 || (((word + 0x06060606) & 0xf0f0f0f0) ^ 0x30303030) !== 0)
    return -1;
  const pairs = (word & 0x0f0f0f0f) * 10 + ((word >>> 8) & 0x000f0f0f);
  return (pairs & 0xff) * 100 + ((pairs >>> 16) & 0xff);
}

function skipBlanks(from: number): number {
  let at = from;
  for (;;) {
    const code = bytes[at];
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return at;
    at++;
  }
}
