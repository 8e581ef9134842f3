/** What the log says about one request. It never holds a token, a body or a query string. */
export interface RequestEntry {
  /** Also in the header `X-Request-Id` of the answer. */
  readonly requestId: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** From the arrival of the request to the end of the work on its answer. */
  readonly milliseconds: number;
  /** The path of the index, `/` for the one at the root; `undefined` if no index was named. */
  readonly index: string | undefined;
  /** Why the server failed, with its causes; only with status 500 or 502. */
  readonly failure?: string;
}
