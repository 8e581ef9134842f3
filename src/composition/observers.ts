import type { SettingsError } from "../foundation/errors.ts";
import type { OperationReport } from "../store/policies/index.ts";
import type { StoreFallback } from "../store/store.ts";
import type { TransportEvent } from "../transport/events.ts";

/** Observers of the events between this process and its stores. */
export interface ApplicationObservers {
  /** Called for each call that reaches a store. */
  readonly onOperation?: (report: OperationReport) => void;
  /** @param store the store that the event is about: `upstash`, `upstash-secondary` */
  readonly onTransportEvent?: (event: TransportEvent, store: string) => void;
  /** Called for each read that the secondary store answered. */
  readonly onFallback?: (fallback: StoreFallback) => void;
  /** Called if a changed `.env` cannot be used. The previous tokens stay in use. */
  readonly onCredentialsFault?: (error: SettingsError) => void;
  /** Called with the number of texts that the embedding model could not read to their end. */
  readonly onTruncate?: (count: number) => void;
}
