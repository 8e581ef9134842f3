import { randomUUID } from "node:crypto";
import { cutoverStatus } from "../cutover/status.ts";
import { EvidenceStore } from "../cutover/watch/evidence-store.ts";
import type { FigureRecorder } from "../cutover/watch/figures.ts";
import { RollbackGuard } from "../cutover/watch/guard.ts";
import type { IntegrityEvidence } from "../cutover/watch/integrity.ts";
import { lostWords } from "../cutover/watch/lost-records.ts";
import { defaultThresholds } from "../cutover/watch/thresholds.ts";
import { counted } from "../foundation/plural.ts";
import type { Log } from "../operations/logs/log.ts";
import type { StoreDuties, StoreHealth } from "../operations/status/store-health.ts";
import type { Check } from "../operations/watch/checks.ts";
import type { SectionProvider } from "../operations/watch/sections.ts";
import type { Control } from "../state/cutover/rows.ts";
import type { StateDatabase } from "../state/database.ts";
import type { Application } from "./application.ts";
import { copyOfSecondary } from "./paired-stores.ts";

const pair = "secondary";

/** A cloud index bills each page that is read: 1,000 records in 5 minutes are some 1,200 requests a day. */
const sampleSize = 1_000;
const sampleEveryMs = 300_000;

/** Milliseconds for which a copy may be incomplete without an alert: a small one is made within them. */
const toleratedMs = 60_000;

/** Why the second copy cannot be relied on. */
interface CopyFault {
  readonly condition: "warning" | "bad";
  /** Epoch milliseconds; unknown for differences, which are found some time after they arise. */
  readonly since?: number;
  /** A sentence without its stop. */
  readonly sentence: string;
}

/** What watches the second copy of a service (`FALLBACK_WRITES=copy`), and what its status and alerts say of it. */
export interface CopyWatch {
  /** Adds what is wrong with the copy to a section. */
  readonly inSection: (section: SectionProvider) => SectionProvider;
  readonly check: Check;
  start(): void;
  stop(): Promise<void>;
}

export interface CopyWatchOptions {
  readonly application: Application;
  readonly state: StateDatabase;
  readonly figures: FigureRecorder;
  /** Follows whether the copy may answer. */
  readonly health: StoreHealth;
  readonly log: Log;
  /** Milliseconds between two comparisons of a sample. Default 300,000. */
  readonly sampleEveryMs?: number;
}

/**
 * Watches the second copy, if the settings ask for one: whether it is complete, and whether samples of both stores are
 * equal. One that has lost most of its records is copied again.
 */
export function watchCopy(options: CopyWatchOptions): CopyWatch | undefined {
  const { application, state, figures, health, log } = options;
  const { settings, routed } = application;
  if (routed === undefined || settings.cutover !== undefined) return undefined;
  const { runtime, stores } = routed;
  const { protocol } = runtime.parts;
  const names = { first: stores.source.name, second: stores.target.name };
  const evidence = new EvidenceStore(state, pair);
  let incompleteSince: number | undefined;
  let fault: CopyFault | undefined;
  health.follow(() => copyDuties(names, runtime.presence.view?.control, fault));
  const look = async (): Promise<CopyFault | undefined> => {
    // Before its first read this process does not know the level yet.
    await runtime.view();
    const { control, lag } = await cutoverStatus(protocol);
    const { integrity } = await evidence.read(0, { startedAt: 0, startEpoch: control.startEpoch });
    const isComplete = control.level === "level";
    incompleteSince = isComplete ? undefined : (incompleteSince ?? Date.now());
    fault = isComplete
      ? differenceOf(integrity, names)
      : {
          condition: "warning",
          since: incompleteSince ?? Date.now(),
          sentence: incompleteWords(control, lag.records, names),
        };
    return fault;
  };
  const guard = new RollbackGuard({
    protocol,
    state,
    pair,
    names: { source: names.first, target: names.second },
    process: randomUUID(),
    stores,
    comparesVectors: copyOfSecondary(settings) === "vectors",
    figures,
    thresholds: defaultThresholds,
    // Its copy never leads.
    rollsBack: false,
    sampleSize,
    sampleEveryMs: options.sampleEveryMs ?? sampleEveryMs,
    onFault: (error) => log.warn({ failure: error.message }, "The second copy could not be compared"),
  });
  return {
    inSection: (section) => async () => {
      const [given, found] = await Promise.all([section(), look()]);
      if (found === undefined) return given;
      const condition = given.condition === "bad" ? "bad" : found.condition;
      const since = found.since === undefined ? {} : { since: new Date(found.since).toISOString() };
      return { ...given, ...since, condition, sentence: `${found.sentence}. ${given.sentence}` };
    },
    check: {
      key: "copy",
      run: async () => {
        const found = await look();
        if (found === undefined) return "good";
        if (found.since !== undefined && Date.now() - found.since < toleratedMs) return "unknown";
        return { key: "copy", severity: "ticket", sentence: `${found.sentence}.` };
      },
    },
    start: () => guard.start(),
    stop: () => guard.stop(),
  };
}

interface Names {
  readonly first: string;
  readonly second: string;
}

function copyDuties(
  { first, second }: Names,
  control: Control | undefined,
  fault: CopyFault | undefined,
): StoreDuties {
  const isLost = control?.lost === "source";
  const isIncomplete = control !== undefined && control.level !== "level";
  return new Map([
    [
      first,
      {
        role: "primary",
        duty: isLost
          ? "has lost its records, and is not asked"
          : "answers every question and takes every write",
        ...(isLost && { limit: "bad" }),
      },
    ],
    [
      second,
      {
        role: "secondary",
        duty: isIncomplete
          ? `does not answer if ${first} fails: it lacks records, which are being copied`
          : `answers ${isLost ? "every question" : `if ${first} fails`}, and receives a copy of each write`,
        ...(isIncomplete ? { limit: "warning" } : fault && { limit: fault.condition }),
      },
    ],
  ]);
}

function incompleteWords({ isRecording }: Control, records: number, { first, second }: Names): string {
  const rest = `and does not answer if ${first} fails`;
  if (!isRecording) return `${second} has no copy of ${first} yet, ${rest}`;
  const left = records > 0 ? `: ${counted(records, "record")} left to copy` : "";
  return `The copy of ${first} in ${second} is not complete, ${rest}${left}`;
}

/** What the last samples of both stores have shown. */
function differenceOf(found: IntegrityEvidence | undefined, names: Names): CopyFault | undefined {
  if (found === undefined || found.isGood) return undefined;
  const lost = found.lost && `${lostWords(found.lost)}. `;
  const [first] = found.differing;
  const which = first === undefined ? "" : `, the first: ${first.id}`;
  const sentence = `${lost ?? ""}${counted(found.differences, "record")} of ${names.first} and ${names.second} ${found.differences === 1 ? "differs" : "differ"}${which}. ragfood fallback verify compares all`;
  return { condition: "bad", sentence: `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}` };
}
