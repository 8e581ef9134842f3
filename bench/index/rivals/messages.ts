import type { DataSettings, FilterName } from "./data.ts";

/** What a participant's process is asked to do, one thing at a time. */
export type Task =
  | {
      readonly kind: "load";
      readonly participant: string;
      readonly rivals: string;
      readonly data: DataSettings;
    }
  /** Opens, and runs one query if a question is given. */
  | {
      readonly kind: "open";
      readonly directory: string;
      readonly topK: number;
      readonly question?: Float32Array;
    }
  | { readonly kind: "ingest"; readonly rowCount: number; readonly batchRows: number }
  | { readonly kind: "build" }
  | { readonly kind: "query"; readonly questions: readonly Float32Array[]; readonly filter: FilterName }
  /** Writes rows one by one, from a row number on, and queries each as soon as it is written. */
  | { readonly kind: "upsert"; readonly firstRow: number; readonly vectors: readonly Float32Array[] }
  | { readonly kind: "memory" }
  | { readonly kind: "close" };

/** What a task gives; times in milliseconds. */
export interface Results {
  load: { note: string; filters: boolean };
  open: number;
  ingest: number;
  build: number;
  query: { times: number[]; cpu: number; found: number[][] };
  upsert: { writeTimes: number[]; queryTimes: number[]; foundAtOnce: number };
  /** Megabytes. */
  memory: { resident: number; anonymous: number };
  close: number;
}

export type Answer = { readonly result: Results[Task["kind"]] } | { readonly error: string };
