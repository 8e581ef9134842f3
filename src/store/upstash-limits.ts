/** Limits of one record on every plan. */
export const upstashRecordLimits: {
  readonly dimension: number;
  readonly metadataBytes: number;
  readonly textBytes: number;
  readonly sparseEntries: number;
  /** UTF-8 bytes. Upstash states no limit; the embedded index has this one. */
  readonly idBytes: number;
} = {
  dimension: 5_376,
  metadataBytes: 48 * 1_024,
  textBytes: 1_024 * 1_024,
  sparseEntries: 1_000,
  idBytes: 4_096,
};

/** Tokens of a text that a model of Upstash reads; it ignores the rest. */
export function modelTokens(model: string): number {
  return /bge[_-]?m3/i.test(model) ? 8_192 : 512;
}
