import { randomUUID } from "node:crypto";
import { isRunning, processPlace } from "../../foundation/process-identity.ts";
import type { Database } from "../../sqlite/database.ts";
import { LedgerError } from "./ledger-error.ts";

/** Milliseconds between two signs of life. */
const heartbeatMs = 5_000;
/** Milliseconds without one after which the holder counts as gone: six missed, far past any pause of a busy one. */
const staleAfterMs = 30_000;

interface LeaseRow {
  readonly token: string;
  readonly process: number;
  readonly place: string;
  readonly heartbeatAt: number;
}

/** Leases of this process. A row with its id and a token that is not here was left by an earlier one of that id. */
const heldHere = new Set<string>();

/**
 * The right to work on a migration, which one process has at a time. The holder renews it with every write and
 * every five seconds. It passes on when the holder is gone: at once where its process is seen to be, and after
 * 30 seconds without a sign of life anywhere else.
 */
export class Lease {
  readonly #path: string;
  readonly #database: Database;
  readonly #now: () => number;
  readonly #token = randomUUID();
  readonly #heartbeat: NodeJS.Timeout;

  /** @throws {LedgerError} `lease` while another holds it */
  constructor(path: string, database: Database, now: () => number) {
    this.#path = path;
    this.#database = database;
    this.#now = now;
    this.#take();
    heldHere.add(this.#token);
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs).unref();
  }

  #take(): void {
    this.#database.transaction(() => {
      const holder = this.#database.get("SELECT * FROM lease") as LeaseRow | undefined;
      if (holder !== undefined && this.#isAlive(holder)) throw this.#refusal(holder);
      this.#database
        .prepare(
          "INSERT OR REPLACE INTO lease (one, token, process, place, heartbeatAt) VALUES (1, ?, ?, ?, ?)",
        )
        .run(this.#token, process.pid, processPlace(), this.#now());
    });
  }

  #isAlive(holder: LeaseRow): boolean {
    if (this.#now() - holder.heartbeatAt > staleAfterMs) return false;
    if (holder.place !== processPlace()) return true;
    return holder.process === process.pid ? heldHere.has(holder.token) : isRunning(holder.process);
  }

  #refusal(holder: LeaseRow): LedgerError {
    const seconds = Math.max(0, Math.round((this.#now() - holder.heartbeatAt) / 1_000));
    return new LedgerError(
      "lease",
      this.#path,
      `Process ${holder.process} on ${holder.place} works on the migration of ${this.#path}; its last sign of life is ${seconds} s old.`,
      {
        hint: `Wait until it is done, or end it; it counts as gone ${staleAfterMs / 1_000} s after its last sign of life.`,
      },
    );
  }

  /**
   * Shows life, inside the transaction of a write: nothing is written by a process that has lost the lease.
   * @throws {LedgerError} `lease`
   */
  renew(): void {
    const { changes } = this.#database
      .prepare("UPDATE lease SET heartbeatAt = ? WHERE token = ?")
      .run(this.#now(), this.#token);
    if (changes === 1) return;
    throw new LedgerError(
      "lease",
      this.#path,
      `Another process has taken over the migration of ${this.#path}.`,
      {
        hint: "This one was silent for too long. Leave the migration to the other, or run the command again once that is done.",
      },
    );
  }

  #beat(): void {
    try {
      this.renew();
    } catch {
      // A lease that is lost is told at the next write.
    }
  }

  release(): void {
    clearInterval(this.#heartbeat);
    heldHere.delete(this.#token);
    try {
      this.#database.prepare("DELETE FROM lease WHERE token = ?").run(this.#token);
    } catch {
      // As on a full disk: the next process sees that this one is gone.
    }
  }
}
