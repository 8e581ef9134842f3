import type { StateDatabase } from "./database.ts";

export const replicaTables = `
  CREATE TABLE replicas (
    replica TEXT PRIMARY KEY,
    place TEXT NOT NULL,
    process BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
  );
`;

/** Milliseconds after which a replica without a sign of life is lost: three looks of `Watch`. */
const lostAfterMs = 30_000;

/** Milliseconds for which a lost replica is reported. */
const reportedMs = 60 * 60_000;

/** A process that serves, by its name among those that share the state. */
export interface ReplicaProcess {
  readonly replica: string;
  /** The machine, in which process ids are unique. */
  readonly place: string;
  readonly process: number;
}

interface LostReplica {
  readonly replica: string;
  /** Its last sign of life, epoch milliseconds by the clock of the store. */
  readonly seenAt: number;
}

/** The processes that serve, and those that ended without signing off. */
export interface Replicas {
  readonly serving: readonly string[];
  readonly lost: readonly LostReplica[];
}

interface Row {
  readonly replica: string;
  readonly place: string;
  readonly process: number;
  readonly seen_at: number;
}

/** Which processes share the state. Ages are measured by the clock of the store, which is the same for all. */
export class ReplicaRepository {
  readonly #state: StateDatabase;
  readonly #self: ReplicaProcess;
  readonly #isRunning: (process: number) => boolean;

  /** @param isRunning whether a process of the same place is running */
  constructor(state: StateDatabase, self: ReplicaProcess, isRunning: (process: number) => boolean) {
    this.#state = state;
    this.#self = self;
    this.#isRunning = isRunning;
  }

  /** Notes a sign of life of this process, and reads those of the others. @throws {StateError} */
  async signOn(): Promise<Replicas> {
    const { replica, place, process } = this.#self;
    const { rows, now } = await this.#state.transaction(
      async (session) => {
        const time = await session.now();
        await session.run("DELETE FROM replicas WHERE seen_at < ?", time - reportedMs);
        await session.run(
          `INSERT INTO replicas (replica, place, process, started_at, seen_at) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT (replica) DO UPDATE SET seen_at = excluded.seen_at`,
          replica,
          place,
          process,
          time,
          time,
        );
        return {
          now: time,
          rows: await session.all<Row>("SELECT replica, place, process, seen_at FROM replicas"),
        };
      },
      { timeoutMs: 5_000 },
    );
    const isLost = (row: Row) =>
      now - row.seen_at > lostAfterMs || (row.place === place && !this.#isRunning(row.process));
    return {
      serving: rows.filter((row) => !isLost(row)).map((row) => row.replica),
      lost: rows.filter(isLost).map((row) => ({ replica: row.replica, seenAt: row.seen_at })),
    };
  }

  /** This process stops: it is not lost. @throws {StateError} */
  async signOff(): Promise<void> {
    await this.#state.transaction(
      (session) => session.run("DELETE FROM replicas WHERE replica = ?", this.#self.replica),
      { timeoutMs: 2_000 },
    );
  }
}
