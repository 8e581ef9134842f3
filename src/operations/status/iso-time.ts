/** Epoch milliseconds as ISO 8601 in UTC; null for a time that is not known. */
export function isoTime(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString();
}
