import type { Omission } from "../omission.ts";
import { openLedgerReader } from "./database.ts";

/** Records that the target has refused, by id; `hash` is that of their content. */
export type RefusedRecords = ReadonlyMap<string, { readonly reason: string; readonly hash: Uint8Array }>;

interface OmissionRow {
  readonly id: string;
  readonly field: string | null;
  readonly reason: string;
  readonly hash: Uint8Array | null;
}

/**
 * What the last import left out on request, read while another process may work on the ledger.
 *
 * @param path of `ledgerFile`; a ledger that does not exist lists nothing
 * @throws {LedgerError} `damaged`, `version` or `storage`
 */
export function readOmissions(path: string): Omission[] {
  return rowsOf(path, "").map(({ id, field, reason, hash }) => ({
    ...{ id, reason },
    ...(field !== null && { field }),
    ...(hash !== null && { hash }),
  }));
}

/** The whole records among them that the target itself refused. @throws as `readOmissions` */
export function readRefusedRecords(path: string): RefusedRecords {
  const rows = rowsOf(path, "WHERE hash IS NOT NULL");
  return new Map(rows.map(({ id, reason, hash }) => [id, { reason, hash: hash as Uint8Array }]));
}

function rowsOf(path: string, condition: string): OmissionRow[] {
  const database = openLedgerReader(path);
  if (database === undefined) return [];
  try {
    return database.guard(
      () =>
        database.all(
          `SELECT id, field, reason, hash FROM omissions ${condition}`,
        ) as unknown as OmissionRow[],
    );
  } finally {
    database.close();
  }
}
