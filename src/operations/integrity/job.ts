import { counted } from "../../foundation/plural.ts";
import type { VectorStore } from "../../store/store.ts";
import type { Job } from "../schedules/job.ts";
import { readSample, type SamplePosition, type SampleReport } from "./read-sample.ts";

export interface IntegrityJob {
  readonly store: VectorStore;
  readonly sampleSize: number;
  /** Compares a sample with the second copy; missing without one. */
  readonly compareCopy?: (signal: AbortSignal) => Promise<CopyComparison>;
  readonly expression: string;
}

/** A comparison with the second copy, as the job reports it. */
export interface CopyComparison {
  /** "250 of 250 records equal in the second copy". */
  readonly summary: string;
  readonly differences: number;
}

/**
 * Reads a sample of the records again at set times; samples follow each other until all were read. Checksums say that a
 * record is what was written; only the second copy says that nobody else has changed it.
 */
export function integrityJob({ store, sampleSize, compareCopy, expression }: IntegrityJob): Job {
  return {
    name: "integrity",
    expression,
    setting: "INTEGRITY_SCHEDULE",
    async run({ signal, lastDetails }) {
      const position = (lastDetails as Partial<SampleReport> | undefined)?.position as
        | SamplePosition
        | undefined;
      const report = await readSample({ store, size: sampleSize, position, signal });
      const copy = await compareCopy?.(signal);
      return {
        summary: [sentenceOf(report), ...(copy ? [copy.summary] : [])].join("; "),
        details: copy ? { ...report, copyDifferences: copy.differences } : report,
        isBad: report.faultCount > 0 || (copy?.differences ?? 0) > 0,
      };
    },
  };
}

function sentenceOf({ checked, recordCount, faultCount, faults }: SampleReport): string {
  const of = `${checked.toLocaleString("en")} of ${counted(recordCount, "record")}`;
  if (faultCount === 0) return `${of} read again, no damage found`;
  return `${of} read again: ${counted(faultCount, "fault")}, the first: ${faults[0]?.problem}`;
}
