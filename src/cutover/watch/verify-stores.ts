import type { Side, Stage } from "../../state/cutover/rows.ts";
import type { StateDatabase } from "../../state/database.ts";
import type { VectorStore } from "../../store/store.ts";
import { touch } from "../rules/level.ts";
import type { Protocol } from "../rules/protocol.ts";
import { cutoverStatus } from "../status.ts";
import { type ComparisonOptions, compareStores, type StoreComparison } from "./compare-stores.ts";
import { EvidenceStore } from "./evidence-store.ts";
import { pendingIds, writesUnderWay } from "./guard.ts";
import { isSufficient, type Unkept } from "./integrity.ts";
import { findLostRecords } from "./lost-records.ts";

export interface VerifiedPair {
  readonly protocol: Protocol;
  readonly state: StateDatabase;
  readonly pair: string;
  readonly stores: Readonly<Record<Side, VectorStore>>;
  /** Whether vectors are compared: where copies carry them. Default false. */
  readonly comparesVectors?: boolean;
  /** Milliseconds that a comparison counts for the gates. Default 0: of a second copy, which has no gates. */
  readonly integrityMs?: number;
}

export interface Verification extends StoreComparison {
  /** When it began. */
  readonly stage: Stage;
  /** Why it does not count for the gates, a sentence; `undefined` if it does. */
  readonly countsNotBecause: string | undefined;
  readonly comparesVectors: boolean;
  /** Records that differed and will be copied from the leader again. */
  readonly toCopyAgain: number;
}

export interface VerificationOptions
  extends Pick<ComparisonOptions, "size" | "signal" | "onProgress" | "settleMs"> {
  /** Asks for new copies of the records that differ. Default false: they are only reported. */
  readonly repairs?: boolean;
}

/**
 * Compares the two stores of a pair, and keeps the result as evidence for the gates of a cutover. A repair never writes a store:
 * running processes copy the records, in order with the writes of users (rule 15).
 *
 * @throws {ServiceError | StorageError} if a store cannot be read
 * @throws {StateError}
 */
export async function verifyStores(
  { protocol, state, pair, stores, integrityMs = 0, comparesVectors = false }: VerifiedPair,
  { repairs = false, ...options }: VerificationOptions,
): Promise<Verification> {
  const { control, at: beganAt } = await cutoverStatus(protocol);
  const { stage, leader, startEpoch } = control;
  const evidence = new EvidenceStore(state, pair);
  const { integrity: considered } = await evidence.read(0, { startedAt: 0, startEpoch });
  const underWay = (namespaces: readonly string[]) => writesUnderWay(protocol, namespaces);
  const found = await compareStores({
    ...options,
    stores,
    leader,
    comparesVectors,
    keys: considered?.differing ?? [],
    pending: (keys) => pendingIds(protocol, keys),
    underWay,
  });
  // Where single records differ, no store is lost.
  const lost =
    found.differences === 0 ? undefined : await findLostRecords({ ...options, stores, leader, underWay });
  const isWhole = options.size === Number.POSITIVE_INFINITY;
  const unkept = await evidence.saveIntegrity(
    { ...found, lost, startEpoch, beganAt, isWhole, isRandom: true },
    considered,
    integrityMs,
  );
  // A store that lost most of its records gets all of them again anyway.
  const differing = repairs && lost === undefined && beside[stage] === undefined ? found.listed : [];
  const isRepaired = differing.length > 0 && (await touch(protocol, differing, startEpoch));
  return {
    ...found,
    stage,
    comparesVectors,
    countsNotBecause: whyNot(found, stage, unkept),
    toCopyAgain: isRepaired ? differing.length : 0,
  };
}

/** Stages in which a comparison opens no gate. */
const beside: Readonly<Partial<Record<Stage, string>>> = {
  source: "The cutover has not started: gates count only comparisons that begin after its start.",
  "target-only": "The cutover is finished: the source gets no copies any more.",
};

const unkeptWords: Readonly<Record<Unkept, string>> = {
  outdated: "The cutover was started again meanwhile: compare once more.",
  contradicted:
    "An earlier or simultaneous comparison found differences that this one did not look at. Compare every record: ragfood cutover verify.",
  weaker: "An earlier comparison of more records counts instead.",
};

function whyNot(found: StoreComparison, stage: Stage, unkept: Unkept | undefined): string | undefined {
  if (beside[stage] !== undefined) return beside[stage];
  if (unkept !== undefined) return unkeptWords[unkept];
  if (found.differences > 0) return undefined;
  if (found.total === 0) return "The leading store holds no record, so nothing is proved.";
  return isSufficient({ ...found, isRandom: true })
    ? undefined
    : "These are too few for the gates: they need 95 % of all records, or of 1,000, and some of each namespace.";
}
