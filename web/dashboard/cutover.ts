import type { CutoverResponse, CutoverSectionDetails, StatusSection } from "../service/contract.ts";
import { ProblemError } from "../service/problem-error.ts";
import { request, requestJson } from "../service/request.ts";
import type { Mark } from "./history.ts";
import { actionWords, type CutoverAction, type StageId, stages } from "./stages.ts";
import { inStoreWords } from "./store-words.ts";

/** What `GET /api/cutover` says. */
export type CutoverDetails = Omit<CutoverResponse, "next">;

/** Where the cutover stands. */
export interface CutoverState {
  readonly stage: StageId;
  readonly leader: "source" | "target";
  /** Whether a change of the leader is under way. */
  readonly isChanging: boolean;
  /** Share of the reads that the target answers, 0 to 1; only in `canary`. */
  readonly canaryShare: number | undefined;
  /** What the follower lacks still; `undefined` if nothing is copied. */
  readonly lag: { readonly records: number; readonly seconds: number } | undefined;
  /** Writes that wait for the leader. */
  readonly queued: number;
  /** Live processes. */
  readonly processes: number;
}

/** The cutover in the status of the service; `undefined` if the service has none. */
export function cutoverOf({ details }: StatusSection): CutoverState | undefined {
  // A replica of another version may leave parts out.
  const sent = (details ?? {}) as Partial<CutoverSectionDetails>;
  const stage = stages.find(({ id }) => id === sent.stage)?.id;
  if (stage === undefined) return undefined;
  return {
    stage,
    leader: sent.leader ?? "source",
    isChanging: sent.isHeld ?? false,
    canaryShare: sent.canaryShare ?? undefined,
    lag: sent.lag ?? undefined,
    queued: sent.queued ?? 0,
    processes: sent.processes ?? 0,
  };
}

/** The same as the details have it: they are read at once after an action, the status is up to 10 s old. */
export function cutoverIn(details: CutoverDetails): CutoverState {
  const { stage, leader, isHeld, canaryShare, lag, queued, processes } = details;
  return {
    stage,
    leader,
    isChanging: isHeld,
    canaryShare: canaryShare ?? undefined,
    lag: lag ?? undefined,
    queued,
    processes: processes.all,
  };
}

/** Whether the service can be operated over HTTP, as far as this page knows. */
let hasRoute = true;

/** Gates and history; `undefined` from a service that is operated by commands only. @throws {ProblemError} */
export async function readCutover(signal: AbortSignal): Promise<CutoverDetails | undefined> {
  if (!hasRoute) return undefined;
  try {
    return await requestJson<CutoverDetails>("./api/cutover", { role: "operate", signal });
  } catch (error) {
    if (!(error instanceof ProblemError) || error.problem.status !== 404) throw error;
    hasRoute = false;
    return undefined;
  }
}

/** What an operator adds to an action. */
export interface ActionInput {
  /** For the history; empty: none. */
  readonly reason: string;
  /** The name of the person, for the history; empty: none. */
  readonly by: string;
  /** Share of the reads that the target answers, 0 to 100. */
  readonly canaryPercent?: number;
  /** Whether the incident of a rollback waits for a person to close it. */
  readonly keepsIncidentOpen?: boolean;
  /** Of the cutover as the page shows it: of two operators one wins. */
  readonly epoch: number;
}

/** @throws {ProblemError} if the key does not allow it, or a gate is closed */
export async function actOnCutover(action: CutoverAction, input: ActionInput): Promise<void> {
  const { route, ...words } = actionWords[action];
  const { reason, by, ...rest } = input;
  const body = {
    ...rest,
    ...(by.trim() !== "" && { by: by.trim() }),
    ...(reason.trim() !== "" && { reason: reason.trim() }),
    ...("isForced" in words && { isForced: true }),
  };
  await request(`./api/cutover/${route}`, { method: "POST", role: "operate", body });
}

type Change = CutoverDetails["history"][number];

/** The event of a change without its stages: `rollback`. */
function kindOf({ event }: Change): string {
  return event.split(/[:,]/)[0] ?? event;
}

const decisions = new Set(["start", "advance", "rollback", "canary", "cancel", "finish"]);

/** Why a change was made; `undefined`: no reason was given. What a rule says is in the words of the page. */
export function reasonOf({ reason, by }: Change): string | undefined {
  if (reason === null) return undefined;
  return by.startsWith("rule") ? inStoreWords(reason, "source") : reason;
}

/** What a person or a rule did, with what the service did to carry it out, newest first. */
export interface Step {
  readonly change: Change;
  /** `rollback`, `pause`. */
  readonly kind: string;
  readonly followed: readonly Change[];
}

/** Changes with which the service carries out what was decided before. */
const consequences = new Set(["flip", "settle"]);

/** A history as one entry for each thing that was done, newest first. */
export function stepsOf(history: readonly Change[]): Step[] {
  const steps: Step[] = [];
  let followed: Change[] = [];
  for (const change of history) {
    const kind = kindOf(change);
    // The oldest one stands for a decision that the history no longer has.
    if (consequences.has(kind) && change !== history.at(-1)) followed.push(change);
    else {
      steps.push({ change, kind, followed });
      followed = [];
    }
  }
  return steps;
}

/** The last decision of a person or a rule. */
export function lastDecision(history: readonly Change[]): Step | undefined {
  return stepsOf(history).find(({ kind }) => decisions.has(kind));
}

/** Milliseconds after which a consequence has a mark of its own. */
const apartMs = 60_000;

/** Decisions, and changes of who leads that took long, as marks on the time axis. */
export function marksOf(history: readonly Change[]): Mark[] {
  return stepsOf(history)
    .filter(({ kind }) => decisions.has(kind) || kind === "flip")
    .flatMap(({ change, followed }) => [
      ...followed.filter(
        (each) => kindOf(each) === "flip" && Date.parse(each.time) - Date.parse(change.time) >= apartMs,
      ),
      change,
    ])
    .map(({ time, what }) => ({ time: Date.parse(time) / 1_000, kind: "cutover", text: what }));
}
