/** A whole double that may stand for several integers: its neighbours are 2 or more away. */
export function isUnsafeInteger(value: number): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}
