import { networkFault, networkHint } from "../../foundation/network-fault.ts";
import { StateError } from "../state-error.ts";

/** What the driver throws: SQLSTATE, a code of the network stack, or only words. */
interface DriverError extends Error {
  readonly code?: string;
}

/** serialization_failure and deadlock_detected (postgresql.org/docs/current/errcodes-appendix.html). */
export function isConflict(error: unknown): boolean {
  const { code } = error as DriverError;
  return code === "40001" || code === "40P01";
}

/** Connections that ended or cannot be made; too many of them; a server that starts, stops or fails over. */
const unavailable = /^(08...|57P0[1-5]|53300|57014|55P03|25P03|25P04)$/;

/** The driver's words for lost connections, which have no code. */
const lostConnection =
  /^(Connection terminated|Client has encountered a connection error|timeout expired|timeout exceeded when trying to connect|Client was closed)/;

/** What a person has to mend, by SQLSTATE. */
const toMend: readonly (readonly [RegExp, string])[] = [
  [/^53[12]00$/, "Free space or memory on the server; what was stored is kept."],
  [/^28...$/, "Check the user and the password in STATE_URL, and pg_hba.conf of the server."],
  [/^3D000$/, "Create the database, or check its name in STATE_URL."],
  [
    /^42501$/,
    "Give the user of STATE_URL the right to create a schema in this database, or create the schema ragfood with this user as its owner.",
  ],
  [/^25006$/, "The server only reads: name the primary server in STATE_URL."],
  [/^(XX00[12]|58030)$/, "Check the server's disk and its log."],
];

/** A failure of the server, the network or the rights as a StateError; another error as it is. */
export function translate(location: string, error: unknown): unknown {
  if (error instanceof StateError) return error;
  const { code = "", message } = error as DriverError;
  const hint = toMend.find(([pattern]) => pattern.test(code))?.[1];
  const problem = `The state in ${location} cannot be used: ${message}`;
  if (hint !== undefined) return new StateError("storage", problem, { cause: error, hint });
  if (isUnavailable(error)) {
    const fault = networkFault(error);
    if (fault?.kind === "certificate") {
      return new StateError("storage", problem, {
        cause: error,
        hint: "Name the authority of the server by sslrootcert=<file> in STATE_URL, and the host as its certificate does.",
      });
    }
    return new StateError("unavailable", problem, {
      cause: error,
      hint:
        fault === undefined
          ? "Check that PostgreSQL runs."
          : networkHint(fault, "STATE_URL", "Start PostgreSQL"),
    });
  }
  return error;
}

function isUnavailable(error: unknown): boolean {
  const { code = "", message } = error as DriverError;
  if (/^[0-9A-Z]{5}$/.test(code) && /\d/.test(code)) return unavailable.test(code);
  return networkFault(error) !== undefined || lostConnection.test(message);
}
