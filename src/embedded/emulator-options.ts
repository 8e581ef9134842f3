import type { FaultSettings } from "./fault-settings.ts";
import type { IndexEmbedders } from "./index/texts.ts";
import type { PageSource } from "./protocol/data-page.ts";
import type { RequestLog } from "./protocol/request-log.ts";
import type { SeedRecords } from "./seed-file.ts";
import type { IndexLimits, IndexSettings } from "./settings.ts";

/** One index that an emulator serves. */
export interface EmulatedIndex {
  /** The start of its paths, like `/dense`. Default: the root. */
  readonly path?: string;
  /** Default: a sparse index that embeds raw text by BM25. */
  readonly settings?: IndexSettings;
  readonly embedders?: IndexEmbedders;
  /** Default: a random one. */
  readonly token?: string;
  readonly readOnlyToken?: string;
  readonly limits?: Partial<IndexLimits>;
  readonly faults?: Partial<FaultSettings>;
  /** Records to write if the index is empty, as upsert takes them: a list, or a file with JSON or JSON Lines. */
  readonly seed?: string | SeedRecords;
}

export interface EmulatorOptions extends EmulatedIndex {
  /** 0 takes any free port. */
  readonly port?: number;
  readonly host?: string;
  /** The directory of the indexes. Default: in memory, gone when the emulator closes. */
  readonly directory?: string;
  /** Several indexes on one port; then each has its own settings. */
  readonly indexes?: readonly EmulatedIndex[];
  /**
   * The origins whose pages a browser lets read the answers (CORS), like `https://app.example`. Default:
   * `["*"]`, any. An empty list allows none.
   */
  readonly allowedOrigins?: readonly string[];
  /** Called after every request. Default: failures of the server itself go to standard error. */
  readonly log?: RequestLog;
  /** Connections at once. Default: what the limit of open files allows, up to 10,000. */
  readonly maximumConnections?: number;
  /** Serves the data browser at `/data`, with a live log of the requests. Default: not served. */
  readonly page?: PageSource;
}
