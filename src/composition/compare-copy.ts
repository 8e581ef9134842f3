import type { Settings } from "../config/settings.ts";
import type { RoutedStore } from "../cutover/routed-store.ts";
import { verifyStores } from "../cutover/watch/verify-stores.ts";
import { counted } from "../foundation/plural.ts";
import type { CopyComparison } from "../operations/integrity/job.ts";
import type { StateDatabase } from "../state/database.ts";
import { copyOfSecondary } from "./paired-stores.ts";

/** Compares a sample of the index with its second copy, and keeps the result, as `ragfood fallback verify` does. */
export function copyComparison(
  settings: Settings,
  state: StateDatabase,
  { runtime, stores }: RoutedStore,
): (signal: AbortSignal) => Promise<CopyComparison> {
  const { protocol } = runtime.parts;
  const comparesVectors = copyOfSecondary(settings) === "vectors";
  return async (signal) => {
    const { control } = await runtime.view();
    if (control.level !== "level") {
      return { summary: "not compared with the second copy, which is not complete", differences: 0 };
    }
    const size = settings.integrity.sampleSize;
    const pair = { protocol, state, pair: "secondary", stores, comparesVectors };
    const { checked, differences, listed } = await verifyStores(pair, { size, signal });
    const [first] = listed;
    const summary =
      first === undefined
        ? `${counted(checked, "record")} equal in the second copy`
        : `${counted(differences, "record")} of ${checked.toLocaleString("en")} ${differences === 1 ? "differs" : "differ"} in the second copy, the first: ${first.id} (${first.problem}). ragfood fallback verify compares all`;
    return { summary, differences };
  };
}
