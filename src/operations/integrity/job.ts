import { counted } from "../../foundation/plural.ts";
import type { VectorStore } from "../../store/store.ts";
import type { Job } from "../schedules/job.ts";
import { readSample, type SamplePosition, type SampleReport } from "./read-sample.ts";

export interface IntegrityJob {
  readonly store: VectorStore;
  readonly sampleSize: number;
  readonly expression: string;
}

/** Reads a sample of the records again at set times; samples follow each other until all were read. */
export function integrityJob({ store, sampleSize, expression }: IntegrityJob): Job {
  return {
    name: "integrity",
    expression,
    setting: "INTEGRITY_SCHEDULE",
    async run({ signal, lastDetails }) {
      const position = (lastDetails as Partial<SampleReport> | undefined)?.position as
        | SamplePosition
        | undefined;
      const report = await readSample({ store, size: sampleSize, position, signal });
      return { summary: sentenceOf(report), details: report, isBad: report.faultCount > 0 };
    },
  };
}

function sentenceOf({ checked, recordCount, faultCount, faults }: SampleReport): string {
  const of = `${checked.toLocaleString("en")} of ${counted(recordCount, "record")}`;
  if (faultCount === 0) return `${of} read again, no damage found`;
  return `${of} read again: ${counted(faultCount, "fault")}, the first: ${faults[0]?.problem}`;
}
