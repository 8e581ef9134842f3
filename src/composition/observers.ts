import type { SettingsError } from "../foundation/errors.ts";
import type { StartSpan } from "../foundation/spans.ts";
import type { ChangedRecords } from "../rag/catalog/changed-records.ts";
import type { OperationReport } from "../store/policies/index.ts";
import type { StoreFallback } from "../store/store.ts";
import type { TransportEvent } from "../transport/events.ts";
import type { CutoverObservers } from "./cutover.ts";
import type { QueueObservers } from "./outbox.ts";
import type { ModelReport } from "./watched-generator.ts";

/** Counts what the cloud index is billed, and refuses requests when a budget is spent. */
interface CostObserver {
  record(store: string, kind: string, requests: number): void;
  recordTraffic(store: string, bytes: number): void;
  recordStorage(store: string, bytes: number): void;
  /** @throws {BudgetError | QuotaError} when the budget is spent */
  admit(store: string): Promise<void>;
}

/** Observers of the events between this process and its stores. */
export interface ApplicationObservers extends CutoverObservers, QueueObservers {
  /** Called for each call that reaches a store. */
  readonly onOperation?: (report: OperationReport) => void;
  /** @param store the store that the event is about: `upstash`, `upstash-secondary` */
  readonly onTransportEvent?: (event: TransportEvent, store: string) => void;
  /** Called for each question with its outcome after any fallback: `ok`, or the code of the error. */
  readonly onQuestion?: (outcome: string) => void;
  /** Called for each read that the secondary store answered. */
  readonly onFallback?: (fallback: StoreFallback) => void;
  /** Called for each call to a language model. */
  readonly onModel?: (report: ModelReport) => void;
  /** Traces answers and calls to stores. */
  readonly startSpan?: StartSpan;
  /** Called when new tokens were read from a changed `.env`. */
  readonly onCredentialsChange?: () => void;
  /** Called if a changed `.env` cannot be used. The previous tokens stay in use. */
  readonly onCredentialsFault?: (error: SettingsError) => void;
  /** Called with the number of texts that the embedding model could not read to their end. */
  readonly onTruncate?: (count: number) => void;
  /** Notices of answers go to readers who must not learn addresses and settings. Default false. */
  readonly hidesFaults?: boolean;
  /** Which records of the embedded index change. */
  readonly changes?: ChangedRecords;
  /** Called while the question analysis reads the records of a large namespace for the first time. */
  readonly onLearning?: (done: number, total: number) => void;
  /** Default: each cloud store counts on its own, into the state of the settings. */
  readonly costs?: CostObserver;
  /** Called if billed requests cannot be stored, once for failures in a row. The requests themselves go on. */
  readonly onCostFault?: (error: unknown) => void;
}
