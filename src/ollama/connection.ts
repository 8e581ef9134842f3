import type { Fetch } from "../transport/proxy.ts";

export interface OllamaConnection {
  /** For example `http://127.0.0.1:11434`. */
  readonly host: string;
  /** Milliseconds without a byte of an answer after which we stop waiting. */
  readonly timeoutMs: number;
  /** Default: the built-in `fetch`, which ignores proxies. */
  readonly fetch?: Fetch;
}
