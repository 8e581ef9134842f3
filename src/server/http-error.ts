import { RagfoodError, type RagfoodErrorOptions } from "../foundation/errors.ts";

export interface HttpErrorOptions extends RagfoodErrorOptions {
  /** Headers of the answer, such as `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that the service refuses before it does any work for it: no key, too many requests, a wrong origin. */
export class HttpError extends RagfoodError {
  static override readonly errorName: string = "HttpError";
  /** `unauthorized`, `overloaded`: names the problem for programs. */
  readonly code: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, options: HttpErrorOptions = {}) {
    super(message, options);
    this.status = status;
    this.code = code;
    this.headers = options.headers ?? {};
  }
}

/** 503 for work that is refused now and may succeed later. @param retryAfterMs rounded up to seconds */
export function unavailable(code: string, message: string, retryAfterMs: number): HttpError {
  return new HttpError(503, code, message, { headers: { "Retry-After": seconds(retryAfterMs) } });
}

/** The value of `Retry-After`: at least one second. */
export function seconds(milliseconds: number): string {
  return String(Math.max(1, Math.ceil(milliseconds / 1_000)));
}
