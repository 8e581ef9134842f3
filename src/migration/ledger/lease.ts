import { randomUUID } from "node:crypto";
import { isRunning, processPlace } from "../../foundation/process-identity.ts";
import type { Database } from "../../sqlite/database.ts";
import { LedgerError } from "./ledger-error.ts";

/** Milliseconds between two heartbeats. */
const heartbeatMs = 2_000;

/** One heartbeat of a lease, as another process read it. */
export interface LeaseSighting {
  readonly token: string;
  readonly heartbeat: number;
}

/** Another process holds the lease. Whether it is alive shows in its next heartbeat only: clocks of hosts differ. */
export class LeaseHeldError extends LedgerError {
  readonly sighting: LeaseSighting;

  constructor(path: string, holder: LeaseRow) {
    const { process: id, place } = holder;
    super("lease", path, `Process ${id} ${placeText(place)} works on the migration of ${path}.`, {
      hint: "Wait until it ends, or end it, then run the same command again.",
    });
    this.sighting = sightingOf(holder);
  }
}

interface LeaseRow {
  readonly token: string;
  readonly process: number;
  readonly place: string;
  readonly heartbeatAt: number;
}

/** Leases of this process. A row with its id and another token was left by an earlier process of that id. */
const heldHere = new Set<string>();

/**
 * The right to work on a migration, which one process has at a time. The holder writes a heartbeat with every write
 * and every two seconds. Another process takes the lease over at once if it sees that the holder's process is gone,
 * and otherwise only from a holder that it watched without a new heartbeat (`openLedger`).
 */
export class Lease {
  readonly #path: string;
  readonly #database: Database;
  readonly #now: () => number;
  readonly #token = randomUUID();
  readonly #heartbeat: NodeJS.Timeout;

  /** @throws {LeaseHeldError} while another process holds it */
  constructor(path: string, database: Database, now: () => number, abandoned?: LeaseSighting) {
    this.#path = path;
    this.#database = database;
    this.#now = now;
    this.#take(abandoned);
    heldHere.add(this.#token);
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs).unref();
  }

  #take(abandoned: LeaseSighting | undefined): void {
    this.#database.transaction(() => {
      const holder = this.#database.get("SELECT * FROM lease") as LeaseRow | undefined;
      if (holder && !isGone(holder) && !isSame(sightingOf(holder), abandoned)) {
        throw new LeaseHeldError(this.#path, holder);
      }
      const statement =
        "INSERT OR REPLACE INTO lease (one, token, process, place, heartbeatAt) VALUES (1, ?, ?, ?, ?)";
      this.#database.prepare(statement).run(this.#token, process.pid, processPlace(), this.#now());
    });
  }

  /**
   * Writes a heartbeat, inside the transaction of a write: a process that lost the lease writes nothing.
   * @throws {LedgerError} `lease`
   */
  renew(): void {
    // A heartbeat is always another number, also when the clock was set back.
    const { changes } = this.#database
      .prepare("UPDATE lease SET heartbeatAt = max(heartbeatAt + 1, ?) WHERE token = ?")
      .run(this.#now(), this.#token);
    if (changes === 1) return;
    throw new LedgerError(
      "lease",
      this.#path,
      `Another process has taken over the migration of ${this.#path}.`,
      {
        hint: "This process gave no heartbeat for too long. Wait until the other ends, then run the command again.",
      },
    );
  }

  #beat(): void {
    try {
      this.renew();
    } catch {
      // The next write reports a lost lease.
    }
  }

  release(): void {
    clearInterval(this.#heartbeat);
    heldHere.delete(this.#token);
    try {
      this.#database.prepare("DELETE FROM lease WHERE token = ?").run(this.#token);
    } catch {
      // For example on a full disk. The next process detects that this one has ended.
    }
  }
}

/** `on host`; the namespace of process ids only says whether it is another container. */
function placeText(place: string): string {
  const [host] = place.split(" ");
  const isNear = place !== processPlace() && processPlace().startsWith(`${host} `);
  return `on ${host}${isNear ? ", in another container," : ""}`;
}

function sightingOf({ token, heartbeatAt: heartbeat }: LeaseRow): LeaseSighting {
  return { token, heartbeat };
}

export function isSame(left: LeaseSighting, right: LeaseSighting | undefined): boolean {
  return left.token === right?.token && left.heartbeat === right.heartbeat;
}

/** Only a process of this machine can be seen to be gone. */
function isGone({ place, process: id, token }: LeaseRow): boolean {
  if (place !== processPlace()) return false;
  return id === process.pid ? !heldHere.has(token) : !isRunning(id);
}
