interface FailureWords {
  /** What the store did: after its name and a colon. */
  readonly store: string;
  /** Why requests failed: after their number. */
  readonly cause: string;
}

/** What the codes of failures mean, as the status, the log and the history write them. */
const failures: Readonly<Record<string, FailureWords>> = {
  authentication: { store: "it refused the token", cause: "token refused by a store" },
  connection: { store: "it did not answer", cause: "no connection to a store" },
  deadline: { store: "it took too long", cause: "out of time" },
  overloaded: { store: "it was overloaded", cause: "refused: overloaded" },
  quota: { store: "its daily limit is reached", cause: "daily limit of a store" },
  "rate-limit": { store: "it asked to send less", cause: "rate limit of a store" },
  service: { store: "it answered with an error", cause: "error of a store" },
  storage: { store: "its file could not be read or written", cause: "file of a store not readable" },
  timeout: { store: "it took too long", cause: "timeout of a store" },
};

/** A failure in words; an unknown code stays as it is. */
export function failureWords(code: string, of: keyof FailureWords): string {
  return failures[code]?.[of] ?? code;
}
