import type { Database } from "../../sqlite/database.ts";
import { openLedgerReader } from "./database.ts";
import { recordKey } from "./record-key.ts";

/** The records that a migration has sent, read while another process may work on it. */
export class HeldRecords {
  readonly #database: Database | undefined;

  /**
   * @param path of `ledgerFile`; a ledger that does not exist holds nothing
   * @throws {LedgerError} `damaged`, `version` or `storage`
   */
  constructor(path: string) {
    this.#database = openLedgerReader(path);
  }

  has(id: string): boolean {
    const database = this.#database;
    return database?.guard(() => holderOf(database, recordKey(id))) !== undefined;
  }

  close(): void {
    this.#database?.close();
  }
}

/** The number of the block that wrote a record last. */
export function holderOf(database: Database, key: Uint8Array): number | undefined {
  const row = database.prepare("SELECT block FROM holders WHERE record = ?").get(key);
  return (row as { block: number } | undefined)?.block;
}
