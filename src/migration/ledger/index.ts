export type { MigrationIdentity } from "./identity.ts";
export {
  Ledger,
  type LedgerBlock,
  type LedgerOptions,
  ledgerFile,
  recordKey,
} from "./ledger.ts";
export { LedgerError } from "./ledger-error.ts";
export { openLedger } from "./open.ts";
export { type LedgerSummary, readLedger } from "./summary.ts";
