/** Why requests failed, by the codes that the log and the history write: to follow their number. */
const causes: Readonly<Record<string, string>> = {
  authentication: "token refused by a store",
  connection: "no connection to a store",
  deadline: "out of time",
  overloaded: "refused: overloaded",
  quota: "daily limit of a store",
  "rate-limit": "rate limit of a store",
  service: "error of a store",
  storage: "file of a store not readable",
  timeout: "timeout of a store",
};

/** A cause in words; an unknown code stays as it is. */
export function causeText(code: string): string {
  return causes[code] ?? code;
}
