import { stringifyJson } from "../foundation/exact-json/index.ts";

/** Powers of ten that a double holds exactly. */
const powers: Float64Array = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/** Eight digits distinguish most float32 values, nine all of them. */
const [fewestDigits, mostDigits] = [8, 9];
/** Sign, digits, `e-22` and a comma. A double in full takes 24 characters and a comma. */
const floatBytes = 25;

const codes = { zero: 0x30, minus: 0x2d, exponent: 0x65, comma: 0x2c } as const;

type Item = Readonly<Record<string, unknown>>;

/**
 * The JSON of a request. A dense vector may be a `Float32Array`, which is written as the shortest decimals that parse
 * to the same float32: half the digits of doubles, in half the time.
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

/** @returns the offset after it */
function writeFloat(bytes: Buffer, start: number, value: number): number {
  const magnitude = Math.abs(value);
  // Not for whole numbers, NaN and Infinity.
  if (!Number.isInteger(value) && Number.isFinite(value)) {
    const exponent = Math.floor(Math.log10(magnitude));
    for (let digits = fewestDigits; digits <= mostDigits; digits++) {
      const shift = digits - 1 - exponent;
      const power = powers[shift];
      if (power === undefined) break;
      // Dividing an integer below 2^53 by an exact power of ten rounds once, as a parser of the decimal does //
      // (Clinger, 1990), so the comparison uses the value that the parser will produce.
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
 * @param whole the digits as an integer
 * @param shift digits after the decimal point: 12e-3 is 0.012
 */
function writeDecimal(bytes: Buffer, start: number, whole: number, digits: number, shift: number): number {
  // Below 2^31 a division takes only a few cycles.
  let rest = whole | 0;
  let count = digits;
  // Trailing zeros are dropped. The number is not whole, so the exponent stays above 0.
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
