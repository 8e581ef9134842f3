import { requestJson } from "../service/request.ts";
import type { CutoverAction, StageId } from "./stages.ts";

/** What `GET /api/cutover` says. */
export interface Cutover {
  readonly stage: StageId;
  readonly isPaused: boolean;
  /** When the stage began; ISO 8601. */
  readonly since: string | null;
  readonly source: string;
  readonly target: string;
  /** Share of reads that the target answers, 0 to 1. */
  readonly canaryShare: number | null;
  /** Writes that the target lacks still. */
  readonly lag: { readonly records: number; readonly seconds: number } | null;
  /** What has to hold before the next stage. */
  readonly gates: readonly { readonly title: string; readonly isOpen: boolean; readonly detail: string }[];
  /** Newest first. */
  readonly history: readonly {
    readonly time: string;
    readonly event: string;
    readonly by: string;
    readonly reason: string | null;
  }[];
}

/** @throws {ProblemError} if the service has no cutover, or fails */
export async function readCutover(signal: AbortSignal): Promise<Cutover> {
  return await requestJson<Cutover>("./api/cutover", { role: "operate", signal });
}

/** @throws {ProblemError} if the key does not allow it, or a gate is closed */
export async function actOnCutover(action: CutoverAction): Promise<void> {
  await requestJson(`./api/cutover/${action}`, { method: "POST", role: "operate", body: {} });
}
