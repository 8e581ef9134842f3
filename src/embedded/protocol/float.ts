/** Powers of ten that a double holds exactly. */
const powers: Float64Array = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
/** A product this near to a half may have been rounded across it: its error is below 1e9 × 2^-53. */
const doubtful = 1e-6;

/**
 * The number that prints as the shortest decimal which reads back as the same float32: 0.1 for
 * `Math.fround(0.1)`, whose double prints as 0.10000000149011612. Nine digits always suffice.
 */
export function shortestFloat(value: number): number {
  if (Number.isInteger(value)) return value;
  const magnitude = Math.abs(value);
  const exponent = Math.floor(Math.log10(magnitude));
  // What fewer digits can say, more can: most float32 need eight or nine.
  let short = withDigits(magnitude, exponent, 8);
  if (Math.fround(short) !== magnitude) short = withDigits(magnitude, exponent, 9);
  else {
    for (let digits = 7; digits >= 6; digits--) {
      const shorter = withDigits(magnitude, exponent, digits);
      if (Math.fround(shorter) !== magnitude) break;
      short = shorter;
    }
  }
  return value < 0 ? -short : short;
}

/**
 * What `Number(magnitude.toPrecision(digits))` gives, mostly without a text: a whole number below 2^53 divided
 * by a power of ten that is exact rounds once, as the reading of the decimal does (Clinger, 1990).
 */
function withDigits(magnitude: number, exponent: number, digits: number): number {
  const shift = digits - 1 - exponent;
  if (!(shift >= 0 && shift < powers.length)) return Number(magnitude.toPrecision(digits));
  const power = powers[shift] as number;
  const scaled = magnitude * power;
  const whole = Math.floor(scaled);
  const isExponentRight = scaled >= (powers[digits - 1] as number) && scaled < (powers[digits] as number);
  if (!isExponentRight || Math.abs(scaled - whole - 0.5) < doubtful) {
    return Number(magnitude.toPrecision(digits));
  }
  return (scaled - whole < 0.5 ? whole : whole + 1) / power;
}

/** The same as JSON text, as the service writes floats: also a whole one has a point, `5.0`. */
export function floatText(value: number): string {
  return decimalText(shortestFloat(value));
}

function decimalText(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  const text = String(value);
  return Number.isInteger(value) && !text.includes("e") ? `${text}.0` : text;
}

/** A list of floats as JSON text. */
export function floatsText(values: Float32Array): string {
  const numbers = shortestFloats(values);
  // Most vectors have no whole component, and the native writer is faster.
  return numbers.some(Number.isInteger) ? `[${numbers.map(decimalText).join()}]` : JSON.stringify(numbers);
}

export function shortestFloats(values: Float32Array): number[] {
  const numbers = new Array<number>(values.length);
  for (let place = 0; place < values.length; place++) numbers[place] = shortestFloat(values[place] as number);
  return numbers;
}
