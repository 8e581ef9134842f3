/**
 * Every error that ragfood throws deliberately. Branch on the class or `code`, never on the message.
 */

export interface RagfoodErrorOptions {
  /** What the reader can do next, one sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/**
 * The root of the hierarchy: a stable `code`, a message that names the input, and a `hint`.
 * `instanceof` also recognises an error that another copy of the package has thrown.
 */
export abstract class RagfoodError extends Error {
  /** Names the class for `instanceof` and `error.name`; minifiers do not change it. */
  static readonly errorName: string = "RagfoodError";
  abstract readonly code: string;
  readonly hint: string | undefined;

  constructor(message: string, options: RagfoodErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.errorName;
    this.hint = options.hint;
    for (const name of errorNames(new.target)) Object.defineProperty(this, marker(name), { value: true });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    // A class of the caller's own, without a name, is recognised as any class is.
    if (!Object.hasOwn(this, "errorName")) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === "object" && value !== null && marker(this.errorName) in value;
  }
}

function marker(errorName: string): symbol {
  return Symbol.for(`ragfood.error.${errorName}`);
}

/** The names of a class and of those that it extends, up to the root. */
function errorNames(type: typeof RagfoodError): string[] {
  const names = [type.errorName];
  for (let above = type; above !== RagfoodError; ) {
    above = Object.getPrototypeOf(above) as typeof RagfoodError;
    names.push(above.errorName);
  }
  return names;
}

/** Incorrect use of the command line: an unknown flag, a value out of range. Exit code 2. */
export class UsageError extends RagfoodError {
  static override readonly errorName: string = "UsageError";
  readonly code = "usage";
}

/** Settings that cannot be used; `faults` lists all of them, one line each. Exit code 2. */
export class SettingsError extends RagfoodError {
  static override readonly errorName: string = "SettingsError";
  readonly code = "settings";
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`The settings cannot be used:\n${faults.map((fault) => `  ${fault}`).join("\n")}`, {
      hint: "Correct them in the environment or in .env; .env.example describes each.",
    });
    this.faults = faults;
  }
}

/** One fault of a data file and its location. */
export interface DataFault {
  /** Line in the file, from 1. */
  readonly line?: number;
  /** Place in the list of records, from 0. */
  readonly index?: number;
  readonly id?: string;
  readonly problem: string;
  /** What to do, if it is not the same for all faults. */
  readonly hint?: string;
}

/** A data file that cannot be read, or that holds records which cannot be stored. */
export class DataError extends RagfoodError {
  static override readonly errorName: string = "DataError";
  readonly code = "data";
  readonly file: string;
  readonly faults: readonly DataFault[];
  /** Faults found in all; `faults` may hold only the first of them. */
  readonly faultCount: number;

  constructor(
    file: string,
    message: string,
    options: RagfoodErrorOptions & { faults?: readonly DataFault[]; faultCount?: number } = {},
  ) {
    super(message, options);
    this.file = file;
    this.faults = options.faults ?? [];
    this.faultCount = options.faultCount ?? this.faults.length;
  }
}

export interface FilterSyntaxErrorOptions {
  /** The place of the fault in UTF-16 units from 0. */
  readonly offset?: number;
  /** The kinds of tokens that the grammar allows there, as messages name them; empty if they are unknown. */
  readonly expected?: readonly string[];
}

/** A filter expression that does not parse; `column` counts from 0, as the service reports it. */
export class FilterSyntaxError extends RagfoodError {
  static override readonly errorName: string = "FilterSyntaxError";
  readonly code = "filter";
  readonly filter: string;
  readonly line: number;
  readonly column: number;
  readonly offset: number;
  readonly expected: readonly string[];

  constructor(
    filter: string,
    line: number,
    column: number,
    problem: string,
    { offset = 0, expected = [] }: FilterSyntaxErrorOptions = {},
  ) {
    super(`Invalid filter. At line ${line}:${column} ${problem}`, {
      hint: "Filters look like: region = 'India' AND type IN ('Curry', 'Stew'); docs/filters.md has the language.",
    });
    this.filter = filter;
    this.line = line;
    this.column = column;
    this.offset = offset;
    this.expected = expected;
  }
}

export interface ServiceErrorOptions extends RagfoodErrorOptions {
  readonly status?: number;
  readonly endpoint?: string;
  readonly requestId?: string;
  /** Milliseconds that the service asked to wait. */
  readonly retryAfterMs?: number;
}

/** A request to a service (the vector index, Ollama) failed. Thrown as one of its subclasses. */
export abstract class ServiceError extends RagfoodError {
  static override readonly errorName: string = "ServiceError";
  /** `upstash`, `embedded`, `chroma`, `ollama`. */
  readonly service: string;
  readonly status: number | undefined;
  readonly endpoint: string | undefined;
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;
  /** Whether the same request may succeed later. */
  abstract readonly isRetryable: boolean;

  constructor(service: string, message: string, options: ServiceErrorOptions = {}) {
    super(message, options);
    this.service = service;
    this.status = options.status;
    this.endpoint = options.endpoint;
    this.requestId = options.requestId;
    this.retryAfterMs = options.retryAfterMs;
  }
}

export interface ConnectionErrorOptions extends ServiceErrorOptions {
  /** Default true: only a connection that was never made certainly sent nothing. */
  readonly mayHaveArrived?: boolean;
  /** Default true; false for a certificate that is refused. */
  readonly isRetryable?: boolean;
}

/** No connection: refused, unknown host, reset. */
export class ConnectionError extends ServiceError {
  static override readonly errorName: string = "ConnectionError";
  readonly code = "connection";
  readonly isRetryable: boolean;
  /** Whether the service may have received and executed the request. */
  readonly mayHaveArrived: boolean;

  constructor(service: string, message: string, options: ConnectionErrorOptions = {}) {
    super(service, message, options);
    this.isRetryable = options.isRetryable ?? true;
    this.mayHaveArrived = options.mayHaveArrived ?? true;
  }
}

/** No complete answer within the time allowed. */
export class TimeoutError extends ServiceError {
  static override readonly errorName: string = "TimeoutError";
  readonly code = "timeout";
  readonly isRetryable = true;
}

/** 429: too many requests for now. */
export class RateLimitError extends ServiceError {
  static override readonly errorName: string = "RateLimitError";
  readonly code = "rate-limit";
  readonly isRetryable = true;
}

/** A daily or plan quota is used up; waiting a moment does not help. */
export class QuotaError extends ServiceError {
  static override readonly errorName: string = "QuotaError";
  readonly code = "quota";
  readonly isRetryable = false;
}

/** 401: the token is missing or wrong. */
export class AuthenticationError extends ServiceError {
  static override readonly errorName: string = "AuthenticationError";
  readonly code = "authentication";
  readonly isRetryable = false;
}

/** 403: the token is right and does not allow this, as the read-only token does not allow a write. */
export class ForbiddenError extends ServiceError {
  static override readonly errorName: string = "ForbiddenError";
  readonly code = "forbidden";
  readonly isRetryable = false;
}

/** 404: the thing named does not exist (a namespace, a model, a resumable query). */
export class NotFoundError extends ServiceError {
  static override readonly errorName: string = "NotFoundError";
  readonly code = "not-found";
  readonly isRetryable = false;
}

/** Any other 4xx: the request itself is at fault. */
export class InvalidRequestError extends ServiceError {
  static override readonly errorName: string = "InvalidRequestError";
  readonly code = "invalid-request";
  readonly isRetryable = false;
}

/** 5xx, or an answer that is not what the protocol promises (HTML, cut off, of another shape). */
export class ServiceFaultError extends ServiceError {
  static override readonly errorName: string = "ServiceFaultError";
  readonly code = "service";
  readonly isRetryable = true;
}

/** The answer exceeds the size limit; repeating the request would not help. */
export class AnswerTooLargeError extends ServiceError {
  static override readonly errorName: string = "AnswerTooLargeError";
  readonly code = "answer-too-large";
  readonly isRetryable = false;
}

/** No request was made, because the service failed repeatedly. It is not retried for `retryAfterMs`. */
export class CircuitOpenError extends ServiceError {
  static override readonly errorName: string = "CircuitOpenError";
  readonly code = "circuit-open";
  readonly isRetryable = true;
}

/** The index on disk cannot be opened, read or written. */
export class StorageError extends RagfoodError {
  static override readonly errorName: string = "StorageError";
  readonly code = "storage";
  readonly path: string;
  constructor(path: string, message: string, options?: RagfoodErrorOptions) {
    super(message, options);
    this.path = path;
  }
}

/** The source of a migration changed while it was read. */
export class SourceChangedError extends RagfoodError {
  static override readonly errorName: string = "SourceChangedError";
  readonly code = "source-changed";
  /** Ids that existed at the beginning and not at the end. */
  readonly vanished: readonly string[];
  /** Ids that existed at the end and were not read. */
  readonly appeared: readonly string[];

  constructor(
    message: string,
    changes: Pick<SourceChangedError, "vanished" | "appeared">,
    options?: RagfoodErrorOptions,
  ) {
    super(message, options);
    this.vanished = changes.vanished;
    this.appeared = changes.appeared;
  }
}

/** The index and the settings disagree: dimension, kind of index, embedding model. */
export class IndexMismatchError extends RagfoodError {
  static override readonly errorName: string = "IndexMismatchError";
  readonly code = "index-mismatch";
}

/** Neither the primary nor the secondary store answered. `cause` is the primary's error. */
export class FallbackError extends RagfoodError {
  static override readonly errorName: string = "FallbackError";
  readonly code = "fallback";
  readonly primary: Error;
  readonly secondary: Error;

  constructor(
    message: string,
    failures: { primary: Error; secondary: Error },
    options?: RagfoodErrorOptions,
  ) {
    super(message, { cause: failures.primary, ...options });
    this.primary = failures.primary;
    this.secondary = failures.secondary;
  }
}

/** A write may be applied or not: its store did not confirm it in time. */
export class OutcomeUnknownError extends RagfoodError {
  static override readonly errorName: string = "OutcomeUnknownError";
  readonly code = "outcome-unknown";

  constructor(store: string, options?: RagfoodErrorOptions) {
    super(`${store} did not confirm the write: it may be applied, or may still be.`, {
      hint: "Write it again, or read the record after some minutes.",
      ...options,
    });
  }
}

/** The queue of writes that wait for a store is full; the write was not stored. */
export class QueueFullError extends RagfoodError {
  static override readonly errorName: string = "QueueFullError";
  readonly code = "queue-full";
}

/** The write queue is busy: another process drains it, or older writes must be sent first. */
export class QueueBusyError extends RagfoodError {
  static override readonly errorName: string = "QueueBusyError";
  readonly code = "queue-busy";
}

/** The budget of the month is spent, and the settings refuse requests from then on. */
export class BudgetError extends RagfoodError {
  static override readonly errorName: string = "BudgetError";
  readonly code = "budget";
}

export interface EncryptionErrorOptions extends RagfoodErrorOptions {
  readonly recordId?: string;
  readonly field?: string;
  /** The id of the key, never the key. */
  readonly keyId?: string;
}

/** The request is not possible with encrypted values, such as a filter on one or a text without a summary. */
export class EncryptionError extends RagfoodError {
  static override readonly errorName: string = "EncryptionError";
  readonly code = "encryption";
  readonly recordId: string | undefined;
  readonly field: string | undefined;

  constructor(message: string, options: EncryptionErrorOptions = {}) {
    super(message, options);
    this.recordId = options.recordId;
    this.field = options.field;
  }
}

/** A stored value cannot be decrypted: its key is missing, or it was changed, moved or never encrypted. */
export class DecryptionError extends RagfoodError {
  static override readonly errorName: string = "DecryptionError";
  readonly code = "decryption";
  readonly recordId: string | undefined;
  readonly field: string | undefined;
  readonly keyId: string | undefined;

  constructor(message: string, options: EncryptionErrorOptions = {}) {
    super(message, options);
    this.recordId = options.recordId;
    this.field = options.field;
    this.keyId = options.keyId;
  }
}

/** The caller gave up (Ctrl-C, an aborted signal). Exit code 130. */
export class CancelledError extends RagfoodError {
  static override readonly errorName: string = "CancelledError";
  readonly code = "cancelled";

  constructor(message = "Cancelled.", options?: RagfoodErrorOptions) {
    super(message, options);
  }
}

/** The error class for an HTTP status. Daily quotas arrive as 403 and are recognised by their text. */
export function errorFromStatus(
  service: string,
  status: number,
  message: string,
  options: ServiceErrorOptions = {},
): ServiceError {
  const details = { ...options, status };
  if (status === 401) {
    return new AuthenticationError(service, message, {
      hint: "Check the token in UPSTASH_VECTOR_REST_TOKEN; the Upstash console shows it.",
      ...details,
    });
  }
  if (status === 403) {
    if (/^Exceeded daily/i.test(message)) {
      return new QuotaError(service, message, { hint: "The quota is renewed at 00:00 UTC.", ...details });
    }
    return new ForbiddenError(service, message, {
      hint: "The read-only token cannot write; set UPSTASH_VECTOR_REST_TOKEN to the full token.",
      ...details,
    });
  }
  if (status === 404) return new NotFoundError(service, message, details);
  if (status === 408) return new TimeoutError(service, message, details);
  if (status === 429) return new RateLimitError(service, message, details);
  if (status >= 500) return new ServiceFaultError(service, message, details);
  return new InvalidRequestError(service, message, details);
}
