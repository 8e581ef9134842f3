import type { CutoverResponse, StatusSection } from "../service/contract.ts";
import { ProblemError } from "../service/problem-error.ts";
import { request, requestJson } from "../service/request.ts";
import { type CutoverAction, type StageId, stages } from "./stages.ts";

/** What `GET /api/cutover` adds to the status. */
export type CutoverDetails = Pick<CutoverResponse, "gates" | "history" | "isPaused" | "rules">;

/** Where the cutover stands, as the status says. */
export interface CutoverState {
  readonly stage: StageId;
  readonly leader: string;
  /** Whether a change of the leader is under way. */
  readonly isChanging: boolean;
  /** Share of the reads that the target answers, 0 to 1; only in `canary`. */
  readonly canaryShare: number | undefined;
  /** What the follower lacks still. */
  readonly lag: { readonly records: number; readonly seconds: number };
  /** Writes that wait for the leader. */
  readonly queued: number;
  /** Live processes. */
  readonly processes: number;
}

/** Parts of the section's details, any of which a replica of another version may leave out. */
interface SentStatus {
  readonly control?: {
    readonly stage?: string;
    readonly leader?: string;
    readonly hold?: unknown;
    readonly canaryPercent?: number;
  };
  readonly lag?: { readonly records?: number; readonly seconds?: number };
  readonly marks?: { readonly queued?: number };
  readonly processes?: readonly unknown[];
}

/** The cutover in the status of the service; `undefined` if the service has none. */
export function cutoverOf({ details }: StatusSection): CutoverState | undefined {
  const { control, lag, marks, processes } = (details ?? {}) as SentStatus;
  const stage = stages.find(({ id }) => id === control?.stage)?.id;
  if (stage === undefined) return undefined;
  return {
    stage,
    leader: control?.leader ?? "source",
    isChanging: control?.hold != null,
    canaryShare: stage === "canary" ? (control?.canaryPercent ?? 0) / 100 : undefined,
    lag: { records: lag?.records ?? 0, seconds: lag?.seconds ?? 0 },
    queued: marks?.queued ?? 0,
    processes: processes?.length ?? 0,
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

/** @throws {ProblemError} if the key does not allow it, or a gate is closed */
export async function actOnCutover(action: CutoverAction): Promise<void> {
  await request(`./api/cutover/${action}`, { method: "POST", role: "operate", body: {} });
}
