import { join } from "node:path";
import { UsageError } from "../../foundation/errors.ts";
import { quoted } from "../../foundation/quoted.ts";
import type { Database, StatementSyncInstance } from "../../sqlite/database.ts";
import type { Omission } from "../omission.ts";
import { openLedgerDatabase } from "./database.ts";
import { holderOf } from "./held-records.ts";
import { type MigrationIdentity, parseIdentity, requireSameIdentity } from "./identity.ts";
import { Lease, type LeaseSighting } from "./lease.ts";
import { recordKey } from "./record-key.ts";
import { type LedgerSummary, summaryOf } from "./summary.ts";

export interface LedgerOptions {
  /** The directory of the project's state: `.ragfood`. */
  readonly directory: string;
  /** The name of the migration: letters, digits, `.`, `_`, `-`. */
  readonly name: string;
  readonly identity: MigrationIdentity;
  /** The time in milliseconds. Default: the clock. */
  readonly now?: () => number;
  /** A lease whose holder is gone, as `openLedger` found: it is taken over if it is still the same. */
  readonly abandoned?: LeaseSighting;
}

/** A block as the ledger keeps it. */
export interface LedgerBlock {
  /** SHA-256 over the content hashes of its records, 32 bytes. */
  readonly hash: Uint8Array;
  /** The records' keys (`recordKey`), in order. */
  readonly keys: readonly Uint8Array[];
  readonly bytes: number;
}

/** Result of one run of an import. */
export interface RunTotals {
  readonly outcome: string;
  readonly sent: number;
  readonly skipped: number;
  readonly bytes: number;
}

/** The file of a migration's ledger. @throws {UsageError} for a name that is not valid for a directory */
export function ledgerFile(directory: string, name: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) {
    throw new UsageError(`A migration cannot be named ${quoted(name)}.`, {
      hint: "Name it with up to 64 letters, digits, dots, dashes and underscores, a letter or digit first.",
    });
  }
  return join(directory, "migrations", name, "ledger.sqlite");
}

/**
 * What a migration has done, on disk: which blocks of the source the target has acknowledged, and the result of each
 * phase. A block is identified by its content. Before records are sent, `begin` forgets every block that wrote one of
 * them with other content. So a source that changes and changes back is written again, and what is acknowledged is
 * what the target holds. Call `forget` after deleting or changing records of the target outside the import.
 *
 * Every method may throw a LedgerError.
 */
export class Ledger {
  readonly path: string;
  readonly identity: MigrationIdentity;
  readonly #database: Database;
  readonly #lease: Lease;
  readonly #now: () => number;
  /** Blocks that the current run has met: 8 bytes for each 100 records. */
  #seen = new Set<number>();
  #run: number | undefined;

  /**
   * Opens the ledger of a migration, or creates it.
   *
   * @throws {UsageError} for an invalid name
   * @throws {LedgerError} if it belongs to another migration, another process holds the lease, or it is damaged
   */
  static open(options: LedgerOptions): Ledger {
    return new Ledger(options);
  }

  private constructor({ directory, name, identity, now = Date.now, abandoned }: LedgerOptions) {
    this.path = ledgerFile(directory, name);
    this.identity = identity;
    this.#now = now;
    this.#database = openLedgerDatabase(this.path);
    try {
      this.#database.guard(() => this.#requireIdentity());
      this.#lease = new Lease(this.path, this.#database, now, abandoned);
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

  /** Begins a run: from now on `skip` and `begin` note what the source holds, and `omit` what is left out. */
  beginRun(): void {
    this.#seen = new Set();
    this.#transaction(() => {
      this.#prepare("DELETE FROM omissions WHERE hash IS NULL").run();
      const { lastInsertRowid } = this.#prepare("INSERT INTO runs (begunAt) VALUES (?)").run(this.#now());
      this.#run = Number(lastInsertRowid);
    });
  }

  /** Whether the target has acknowledged a block of this content, so that it need not be sent. */
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
   * Notes that blocks are about to be sent, and forgets the blocks that wrote the same records before.
   *
   * @returns for each block the places of records that an earlier block of this run holds, because the source gives
   *   their id twice: they must not be sent
   */
  begin(blocks: readonly LedgerBlock[]): number[][] {
    return this.#transaction(() => blocks.map((block) => this.#begin(block)));
  }

  #begin({ hash, keys, bytes }: LedgerBlock): number[] {
    // Not the driver's `get`, which leaves a statement with RETURNING unfinished after its first row.
    const [{ number }] = this.#prepare(
      `INSERT INTO blocks (hash, records, bytes) VALUES (?, ?, ?)
       ON CONFLICT (hash) DO UPDATE SET acknowledgedAt = NULL RETURNING number`,
    ).all(hash, keys.length, bytes) as [{ number: number }];
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

  /** @returns false if a block holds the record already */
  #claim(key: Uint8Array, number: number): boolean {
    const claim = this.#prepare("INSERT INTO holders (record, block) VALUES (?, ?) ON CONFLICT DO NOTHING");
    return claim.run(key, number).changes === 1;
  }

  /** Lists what the run leaves out on request. */
  omit(omissions: readonly Omission[]): void {
    this.#transaction(() => {
      const add = this.#prepare(
        "INSERT INTO omissions (id, field, reason, hash, run) VALUES (?, ?, ?, ?, ?)",
      );
      for (const { id, field = null, reason, hash = null } of omissions) {
        add.run(id, field, reason, hash, this.#run ?? 0);
      }
    });
  }

  /** Whether the migration has sent a record of this id, and not forgotten it. */
  holds(id: string): boolean {
    return this.#database.guard(() => this.#holderOf(recordKey(id)) !== undefined);
  }

  #holderOf(key: Uint8Array): number | undefined {
    return holderOf(this.#database, key);
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

  /** Records of the target were deleted or changed outside the import: the next run sends their blocks again. */
  forget(ids: readonly string[]): void {
    this.#transaction(() => {
      for (const id of ids) {
        const holder = this.#holderOf(recordKey(id));
        if (holder !== undefined) this.#prepare("DELETE FROM blocks WHERE number = ?").run(holder);
      }
    });
  }

  /**
   * Ends a run. If it has read the source to its end, blocks that the source no longer holds are forgotten.
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
    this.#prepare("DELETE FROM omissions WHERE run <> ?").run(this.#run ?? 0);
  }

  /** Keeps the result of a phase; on disk when this returns. */
  setPhase(name: string, state: unknown): void {
    this.#transaction(() => {
      const statement = "INSERT OR REPLACE INTO phases (name, state) VALUES (?, ?)";
      this.#prepare(statement).run(name, JSON.stringify(state));
    });
  }

  forgetPhases(names: readonly string[]): void {
    this.#transaction(() => {
      for (const name of names) this.#prepare("DELETE FROM phases WHERE name = ?").run(name);
    });
  }

  summary(): LedgerSummary {
    return this.#database.guard(() => summaryOf(this.#database, this.path) as LedgerSummary);
  }

  /** Releases the lease. */
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
