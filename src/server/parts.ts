import type { CutoverOperator } from "../cutover/operator.ts";
import type { Embedder } from "../embedding/embedder.ts";
import type { Tracing } from "../operations/tracing/open-telemetry.ts";
import type { Watch } from "../operations/watch/watch.ts";
import type { PageFiles } from "../pages/page-files.ts";
import type { RagEngine } from "../rag/engine.ts";
import type { FeedbackRepository } from "../state/feedback.ts";
import type { StoreSide, VectorStore } from "../store/store.ts";
import type { AccessPolicy } from "./access.ts";
import type { AdmissionLimits } from "./admission.ts";
import type { RecentAnswers } from "./recent-answers.ts";
import type { AnswerResponse } from "./schemas/ask.ts";

/** One answered request, for logs and metrics. It holds no body, no query and no key. */
export interface RequestEntry {
  readonly requestId: string;
  /** Of the trace that the request belongs to. */
  readonly traceId?: string;
  readonly method: string;
  /** The pattern of the route, `/api/foods/:id`; `unknown` if none matched. */
  readonly route: string;
  readonly path: string;
  readonly status: number;
  /** From the arrival of the headers to the end of the answer, streams included. */
  readonly milliseconds: number;
  readonly keyId: string | undefined;
  readonly address: string;
  /** The error of an answer with status 500 or more, or of a stream that failed after status 200. */
  readonly error?: unknown;
  /** The `code` of the problem details that the client got. */
  readonly code?: string;
  /** Of a streamed answer: from the arrival to its first text. */
  readonly firstTextMs?: number;
  /** The client ended the connection before the answer was complete. */
  readonly hasLeft: boolean;
}

/** What the server is made of; `composition/service.ts` puts it together. */
export interface ServerParts {
  /** Of the package. */
  readonly version: string;
  readonly engine: RagEngine;
  readonly store: VectorStore;
  /** Each of the stores alone, if there are several: the data browser shows them beside `store`. */
  readonly sides?: readonly StoreSide[];
  /** The namespace of requests that do not name one. */
  readonly namespace: string;
  /** Of the text that is embedded; `undefined`: that of foods. */
  readonly template: string | undefined;
  readonly limits: ServerLimits;
  readonly access: AccessPolicy;
  /** Traces each request, and continues the trace of its caller. */
  readonly traceRequest?: Tracing["traceRequest"];
  /** Called when a request arrives; what it returns, when the answer is complete. */
  readonly onArrival?: () => () => void;
  /** The model of `/v1/embeddings`; absent if the index makes the vectors. */
  readonly embedder?: Embedder;
  /** The pages Ask, Dashboard and Data; absent for an API without pages. */
  readonly pages?: PageFiles;
  /** Without it there is no `POST /api/feedback`. */
  readonly feedback: Pick<FeedbackRepository, "vote"> | undefined;
  readonly recentAnswers: RecentAnswers;
  /** Absent if the settings name no store to move to. */
  readonly cutover?: CutoverOperator;
  /** Without it there are no metrics, status and alerts. */
  readonly watch?: Watch;
  readonly onRequest?: (entry: RequestEntry) => void;
  readonly onAnswer?: (answer: AnswerResponse, keyId: string | undefined) => void;
  /** Why the service is not ready to answer, beside the store; a reason each. */
  readonly obstacles?: () => readonly string[];
}

export interface ServerLimits extends AdmissionLimits {
  /** Of a request. */
  readonly bodyBytes: number;
  /** Milliseconds for an answer, streams included. */
  readonly answerMs: number;
}

export const defaultLimits: ServerLimits = {
  inFlight: 200,
  waitMs: 1_000,
  bodyBytes: 1_048_576,
  answerMs: 120_000,
};
