/** A whole double that may represent several integers: its neighbours are 2 or more away. */
export function isUnsafeInteger(value: number): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}
