/** Address and credentials of a Chroma server. */
export interface ChromaServer {
  /** For example `http://127.0.0.1:8000`, without a path. */
  readonly url: string;
  /** Default `default_tenant`. */
  readonly tenant?: string;
  /** Default `default_database`. */
  readonly database?: string;
  /** Sent as `x-chroma-token` and as `Authorization: Bearer`: servers are set up to read one or the other. */
  readonly token?: string;
  /** Milliseconds for one request. */
  readonly timeoutMs: number;
  /** How requests are sent, for a proxy. Default: the global `fetch`. */
  readonly fetch?: typeof fetch;
}
