import type { StoreRecord } from "../../store/document.ts";
import type { MigrationTarget } from "../target.ts";

/** One request: the target makes vectors of the texts, or takes those that the records carry. */
export function writeRecords(
  { store, namespace, embedding }: MigrationTarget,
  records: readonly StoreRecord[],
  signal: AbortSignal,
): Promise<void> {
  const options = { namespace, signal };
  if (embedding === "carried") return store.upsertRecords(records, options);
  return store.upsert(
    records.map(({ id, text = "", metadata = {} }) => ({ id, text, metadata })),
    options,
  );
}
