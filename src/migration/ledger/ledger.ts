import { createHash } from "node:crypto";
import { join } from "node:path";
import { UsageError } from "../../foundation/errors.ts";
import type { Database, StatementSyncInstance } from "../../sqlite/database.ts";
import { openLedgerDatabase } from "./database.ts";
import { type MigrationIdentity, parseIdentity, requireSameIdentity } from "./identity.ts";
import { Lease } from "./lease.ts";
import { type LedgerSummary, type Phase, summaryOf } from "./summary.ts";

export interface LedgerOptions {
  /** The directory of the project's state: `.ragfood`. */
  readonly directory: string;
  /** The name of the migration: letters, digits, `.`, `_`, `-`. */
  readonly name: string;
  readonly identity: MigrationIdentity;
  /** The time in milliseconds. Default: the clock. */
  readonly now?: () => number;
}

/** A block as the ledger knows it. */
export interface LedgerBlock {
  /** SHA-256 over the content hashes of its records, 32 bytes. */
  readonly hash: Uint8Array;
  /** The records' keys (`recordKey`), in order. */
  readonly keys: readonly Uint8Array[];
  readonly bytes: number;
}

/** What one run of an import came to. */
export interface RunTotals {
  readonly outcome: string;
  readonly sent: number;
  readonly skipped: number;
  readonly bytes: number;
}

const keyBytes = 16;

/** Stands for an id of any length: the first 16 bytes of its SHA-256. */
export function recordKey(id: string): Buffer {
  return createHash("sha256").update(id).digest().subarray(0, keyBytes);
}

/** The file of a migration's ledger. @throws {UsageError} for a name that cannot be one of a directory */
export function ledgerFile(directory: string, name: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) {
    throw new UsageError(`A migration cannot be named ${JSON.stringify(name)}.`, {
      hint: "Name it with up to 64 letters, digits, dots, dashes and underscores, a letter or digit first.",
    });
  }
  return join(directory, "migrations", name, "ledger.sqlite");
}

/**
 * What a migration has done, on disk: which blocks of the source the target has acknowledged. A block is known
 * by its content. Before records are sent, every block that wrote one of them with other content is forgotten
 * (`begin`), so that a source that changes and changes back is written again: what is acknowledged is what the
 * target holds. Whoever deletes or changes records of the target in another way says so with `forget`.
 *
 * Every method may throw a LedgerError.
 */
export class Ledger {
  readonly path: string;
  readonly identity: MigrationIdentity;
  readonly #database: Database;
  readonly #lease: Lease;
  readonly #now: () => number;
  /** Blocks that the present run has met: 8 bytes for each 100 records. */
  #seen = new Set<number>();
  #run: number | undefined;

  /**
   * Opens the ledger of a migration, or begins one.
   *
   * @throws {UsageError} for a name that cannot be one
   * @throws {LedgerError} when it belongs to another migration, another process works on it, or it is damaged
   */
  static open(options: LedgerOptions): Ledger {
    return new Ledger(options);
  }

  private constructor({ directory, name, identity, now = Date.now }: LedgerOptions) {
    this.path = ledgerFile(directory, name);
    this.identity = identity;
    this.#now = now;
    this.#database = openLedgerDatabase(this.path);
    try {
      this.#database.guard(() => this.#requireIdentity());
      this.#lease = new Lease(this.path, this.#database, now);
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  #requireIdentity(): void {
    this.#prepare("INSERT OR IGNORE INTO migration (one, identity, createdAt) VALUES (1, ?, ?)").run(
      JSON.stringify(this.identity),
      this.#now(),
    );
    const { identity } = this.#prepare("SELECT identity FROM migration").get() as { identity: string };
    requireSameIdentity(parseIdentity(identity, this.path), this.identity, this.path);
  }

  /** Begins a run: from here on `skip` and `begin` note what the source holds now. */
  beginRun(): void {
    this.#seen = new Set();
    this.#transaction(() => {
      const { lastInsertRowid } = this.#prepare("INSERT INTO runs (begunAt) VALUES (?)").run(this.#now());
      this.#run = Number(lastInsertRowid);
    });
  }

  /** Whether the target has acknowledged a block of this content; it is then not to be sent. */
  skip(hash: Uint8Array): boolean {
    return this.#database.guard(() => {
      const row = this.#prepare(
        "SELECT number FROM blocks WHERE hash = ? AND acknowledgedAt IS NOT NULL",
      ).get(hash);
      if (row === undefined) return false;
      this.#seen.add((row as { number: number }).number);
      return true;
    });
  }

  /**
   * Notes that blocks are about to be sent, and forgets those that they take records from.
   *
   * @returns for each block the places of records that a block of the same run holds already, as the source
   *   gives their id twice: they are not to be sent
   */
  begin(blocks: readonly LedgerBlock[]): number[][] {
    return this.#transaction(() => blocks.map((block) => this.#begin(block)));
  }

  #begin({ hash, keys, bytes }: LedgerBlock): number[] {
    const { number } = this.#prepare(
      `INSERT INTO blocks (hash, records, bytes) VALUES (?, ?, ?)
       ON CONFLICT (hash) DO UPDATE SET acknowledgedAt = NULL RETURNING number`,
    ).get(hash, keys.length, bytes) as { number: number };
    this.#seen.add(number);
    const repeated: number[] = [];
    for (const [place, key] of keys.entries()) {
      if (this.#claim(key, number)) continue;
      const holder = this.#holderOf(key) as number;
      if (holder === number) continue;
      if (this.#seen.has(holder)) {
        repeated.push(place);
        continue;
      }
      this.#prepare("DELETE FROM blocks WHERE number = ?").run(holder);
      this.#prepare("UPDATE holders SET block = ? WHERE record = ?").run(number, key);
    }
    return repeated;
  }

  /** @returns false where a block holds the record already */
  #claim(key: Uint8Array, number: number): boolean {
    const claim = this.#prepare("INSERT INTO holders (record, block) VALUES (?, ?) ON CONFLICT DO NOTHING");
    return claim.run(key, number).changes === 1;
  }

  /** Whether the migration has sent a record of this id, and not forgotten it. */
  holds(id: string): boolean {
    return this.#database.guard(() => this.#holderOf(recordKey(id)) !== undefined);
  }

  #holderOf(key: Uint8Array): number | undefined {
    const row = this.#prepare("SELECT block FROM holders WHERE record = ?").get(key);
    return (row as { block: number } | undefined)?.block;
  }

  /** Notes that the target has acknowledged every record of these blocks; on disk when this returns. */
  acknowledge(hashes: readonly Uint8Array[]): void {
    this.#transaction(() => {
      const now = this.#now();
      for (const hash of hashes) {
        this.#prepare("UPDATE blocks SET acknowledgedAt = ? WHERE hash = ?").run(now, hash);
      }
    });
  }

  /** Records of the target were deleted or changed by other means: the next run sends their blocks again. */
  forget(ids: readonly string[]): void {
    this.#transaction(() => {
      for (const id of ids) {
        const holder = this.#holderOf(recordKey(id));
        if (holder !== undefined) this.#prepare("DELETE FROM blocks WHERE number = ?").run(holder);
      }
    });
  }

  /**
   * Ends a run. One that has read the source to its end forgets the blocks that the source no longer holds.
   */
  endRun(totals: RunTotals, readToEnd: boolean): void {
    this.#transaction(() => {
      if (readToEnd) this.#prune();
      this.#prepare(
        "UPDATE runs SET endedAt = ?, outcome = ?, sent = ?, skipped = ?, bytes = ? WHERE number = ?",
      ).run(this.#now(), totals.outcome, totals.sent, totals.skipped, totals.bytes, this.#run ?? 0);
    });
    this.#run = undefined;
  }

  #prune(): void {
    const rows = this.#prepare("SELECT number FROM blocks").all() as { number: number }[];
    for (const { number } of rows) {
      if (!this.#seen.has(number)) this.#prepare("DELETE FROM blocks WHERE number = ?").run(number);
    }
    this.#prepare("DELETE FROM holders WHERE block NOT IN (SELECT number FROM blocks)").run();
  }

  /** Begins a phase, or goes on with it: its time is that of the first beginning. */
  beginPhase(phase: Phase): void {
    this.#transaction(() => {
      this.#prepare(
        `INSERT INTO phases (name, begunAt) VALUES (?, ?)
         ON CONFLICT (name) DO UPDATE SET finishedAt = NULL`,
      ).run(phase, this.#now());
    });
  }

  finishPhase(phase: Phase): void {
    this.#transaction(() => {
      this.#prepare("UPDATE phases SET finishedAt = ? WHERE name = ?").run(this.#now(), phase);
    });
  }

  summary(): LedgerSummary {
    return this.#database.guard(() => summaryOf(this.#database, this.path) as LedgerSummary);
  }

  /** Lets the next process have the migration. */
  close(): void {
    if (!this.#database.isOpen) return;
    this.#lease.release();
    this.#database.close();
  }

  #prepare(sql: string): StatementSyncInstance {
    return this.#database.prepare(sql);
  }

  #transaction<T>(action: () => T): T {
    return this.#database.transaction(() => {
      this.#lease.renew();
      return action();
    });
  }
}
