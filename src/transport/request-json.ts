import { stringifyJson } from "../foundation/exact-json/index.ts";

/** Powers of ten that a double holds exactly. */
const powers: Float64Array = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/** Eight digits tell most float32 apart, nine all. */
const [fewestDigits, mostDigits] = [8, 9];
/** Sign, digits, `e-22` and a comma; a double that is written in full takes 24 characters and a comma. */
const floatBytes = 25;

const codes = { zero: 0x30, minus: 0x2d, exponent: 0x65, comma: 0x2c } as const;

type Item = Readonly<Record<string, unknown>>;

/**
 * The JSON of a request. A dense vector of an item may be a `Float32Array`, which goes as decimals that read back
 * as the same float32: half as many digits as the doubles have, in half of the time, and as little to read for
 * the service.
 */
export function requestJson(body: unknown): string {
  if (!Array.isArray(body) || !body.some(hasFloats)) return stringifyJson(body);
  return `[${body.map((item) => (hasFloats(item) ? itemJson(item) : stringifyJson(item ?? null))).join(",")}]`;
}

function hasFloats(item: unknown): item is Item & { vector: Float32Array } {
  return typeof item === "object" && item !== null && "vector" in item && item.vector instanceof Float32Array;
}

function itemJson({ vector, ...rest }: Item & { vector: Float32Array }): string {
  const json = stringifyJson(rest);
  return `${json.slice(0, -1)}${json === "{}" ? "" : ","}"vector":[${floatsText(vector)}]}`;
}

function floatsText(floats: Float32Array): string {
  const bytes = Buffer.allocUnsafe(floats.length * floatBytes);
  let end = 0;
  for (let place = 0; place < floats.length; place++) {
    if (place > 0) bytes[end++] = codes.comma;
    end = writeFloat(bytes, end, floats[place] as number);
  }
  return bytes.toString("latin1", 0, end);
}

/** @returns the place behind it */
function writeFloat(bytes: Buffer, start: number, value: number): number {
  const magnitude = Math.abs(value);
  // Neither for whole numbers nor for what JSON has no word for.
  if (!Number.isInteger(value) && Number.isFinite(value)) {
    const exponent = Math.floor(Math.log10(magnitude));
    for (let digits = fewestDigits; digits <= mostDigits; digits++) {
      const shift = digits - 1 - exponent;
      const power = powers[shift];
      if (power === undefined) break;
      // A whole number below 2^53 by an exact power of ten rounds once, as a reader of the decimal does
      // (Clinger, 1990): what is compared is what it will read.
      const whole = Math.round(magnitude * power);
      if (Math.fround(whole / power) !== magnitude) continue;
      if (whole < (powers[digits - 1] as number) || whole >= (powers[digits] as number)) break;
      if (value < 0) bytes[start] = codes.minus;
      return writeDecimal(bytes, value < 0 ? start + 1 : start, whole, digits, shift);
    }
  }
  return start + bytes.write(JSON.stringify(value), start, "latin1");
}

/**
 * @param whole of so many digits
 * @param shift places after the point: 12e-3 is 0.012
 */
function writeDecimal(bytes: Buffer, start: number, whole: number, digits: number, shift: number): number {
  // Below 2^31, which is divided in a few cycles.
  let rest = whole | 0;
  let count = digits;
  // Zeros at the end say nothing. The number is not whole, so that the exponent stays above 0.
  let exponent = shift;
  while (rest % 10 === 0) {
    rest = (rest / 10) | 0;
    count--;
    exponent--;
  }
  for (let digit = start + count - 1; digit >= start; digit--) {
    const next = (rest / 10) | 0;
    bytes[digit] = codes.zero + rest - 10 * next;
    rest = next;
  }
  let place = start + count;
  bytes[place++] = codes.exponent;
  bytes[place++] = codes.minus;
  if (exponent >= 10) bytes[place++] = codes.zero + ((exponent / 10) | 0);
  bytes[place++] = codes.zero + (exponent % 10);
  return place;
}
