/**
 * The number that prints as the shortest decimal which reads back as the same float32: 0.1 for
 * `Math.fround(0.1)`, whose double prints as 0.10000000149011612. Nine digits always suffice.
 */
export function shortestFloat(value: number): number {
  if (Number.isInteger(value)) return value;
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}

export function shortestFloats(values: Float32Array): number[] {
  return Array.from(values, shortestFloat);
}
