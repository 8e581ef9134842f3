export type { MigrationIdentity } from "./identity.ts";
export {
  Ledger,
  type LedgerBlock,
  type LedgerOptions,
  ledgerFile,
  type RunTotals,
  recordKey,
} from "./ledger.ts";
export { LedgerError, type LedgerErrorReason } from "./ledger-error.ts";
export { type LedgerSummary, type Phase, type PhaseState, type RunSummary, readLedger } from "./summary.ts";
