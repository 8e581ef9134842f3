import type { RequestEntry } from "./request-entry.ts";

/** What the data browser learns from the server that it is served by: `GET /data/session` with a token. */
export interface DataSession {
  /** An emulator also has a log of requests and simulated faults. */
  readonly host: "emulator" | "service";
  /** The indexes that the token opens; none without a token. */
  readonly indexes: readonly OpenIndex[];
}

export interface OpenIndex {
  /** What users call it: the path of an emulated index, `/` for the one at the root. */
  readonly name: string;
  /** The start of the paths of its commands, as in `${base}/query`. */
  readonly base: string;
  readonly access: "read" | "write";
  /** Of a service with several stores: which part this one has. */
  readonly role?: string;
}

/** A request in the live log. */
export interface LoggedRequest extends RequestEntry {
  /** When its answer ended, in milliseconds since 1970. */
  readonly time: number;
}
