export { HeldRecords } from "./held-records.ts";
export type { MigrationIdentity } from "./identity.ts";
export {
  Ledger,
  type LedgerBlock,
  type LedgerOptions,
  ledgerFile,
} from "./ledger.ts";
export { LedgerError } from "./ledger-error.ts";
export { type RefusedRecords, readOmissions, readRefusedRecords } from "./omissions.ts";
export { openLedger } from "./open.ts";
export { recordKey } from "./record-key.ts";
export { type LedgerSummary, readLedger } from "./summary.ts";
