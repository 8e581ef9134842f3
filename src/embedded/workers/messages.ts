import type { LoggedRequest } from "../data-session.ts";
import type { EmulatedIndex } from "../emulator-options.ts";
import type { DayCounts } from "../protocol/faults.ts";
import type { RequestEntry } from "../request-entry.ts";

/** An index as a worker opens it: the main process has created and seeded it, and simulates its faults. */
export interface WorkerIndex extends Pick<EmulatedIndex, "limits" | "settings"> {
  readonly path: string;
  readonly token: string;
  readonly readOnlyToken: string;
}

export interface WorkerOptions {
  readonly indexes: readonly WorkerIndex[];
  readonly directory: string;
  /** The address that the main process listens on. */
  readonly host: string;
  readonly allowedOrigins: readonly string[] | undefined;
  readonly maximumConnections: number | undefined;
  /** Whether it serves the data browser. */
  readonly hasPage: boolean;
  /** Whether it reports every request, or only failures of the server itself. */
  readonly logsAll: boolean;
}

/** A command for the main process, with the body of its request. */
export interface RelayedCall {
  readonly path: string;
  readonly command: string;
  readonly namespace: string;
  readonly query: string;
  readonly body: string;
  readonly requestId: string;
}

/** The JSON text of an answer, or the error of the request. */
export type RelayedAnswer =
  | { readonly text: string }
  | {
      readonly status: number;
      /** For the client. */
      readonly message: string;
      /** For the log. */
      readonly failure: string;
      readonly retryAfterMs: number | undefined;
    };

/** What the main process sends to a worker. */
export type MessageToWorker =
  | {
      readonly kind: "start";
      readonly options: WorkerOptions;
      /** The indexes whose calls the main process runs, because it simulates faults. */
      readonly relayed: readonly string[];
      /** The recent requests of the live log. */
      readonly recent: readonly LoggedRequest[];
    }
  | { readonly kind: "answer"; readonly id: number; readonly answer: RelayedAnswer }
  /** From now on the main process runs all calls of an index, or no longer. */
  | { readonly kind: "relay"; readonly id: number; readonly path: string; readonly isOn: boolean }
  | { readonly kind: "logged"; readonly entry: LoggedRequest }
  /** Comes with a socket. */
  | { readonly kind: "connection"; readonly id: number }
  /** Answer what has arrived, and stop serving. */
  | { readonly kind: "stop" }
  /** Close the indexes, and end. */
  | { readonly kind: "close" };

/** What a worker sends to the main process. */
export type MessageToMain =
  | { readonly kind: "loaded" }
  | { readonly kind: "ready" }
  | { readonly kind: "failed"; readonly message: string; readonly hint: string | undefined }
  | { readonly kind: "accepted"; readonly id: number }
  | { readonly kind: "call"; readonly id: number; readonly call: RelayedCall }
  /** The answer to `relay`: what the worker has counted for the daily quotas of the index. */
  | { readonly kind: "counted"; readonly id: number; readonly counts: DayCounts | undefined }
  | { readonly kind: "log"; readonly entry: RequestEntry }
  | { readonly kind: "note"; readonly text: string }
  | { readonly kind: "stopped" };
