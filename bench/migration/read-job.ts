/** What read-directory.ts has a process do. */
export interface ReadJob {
  readonly path: string;
  readonly includeVectors: boolean;
}

/** What the process measured: seconds, and resident bytes. */
export interface ReadReport {
  readonly records: number;
  readonly openSeconds: number;
  readonly readSeconds: number;
  /** Of all threads: on a machine that has other work, the fairer figure. */
  readonly readCpuSeconds: number;
  readonly startBytes: number;
  readonly halfwayBytes: number;
  readonly peakBytes: number;
}
