import { counted } from "../../foundation/plural.ts";

/** How often something was counted in a stage, and how often a gate needs it. */
export interface Count {
  readonly found: number;
  readonly needed: number;
  /** Milliseconds of the window that a gate looks at. */
  readonly windowMs: number;
  /** Milliseconds since the stage was entered. */
  readonly stageMs: number;
}

/** Milliseconds of a stage from which its rate is taken as what it will be. */
const shortestMs = 20_000;

/**
 * Whether waiting provides the rest, at the rate of the stage so far: `enough in about 3 min at the present rate`, or
 * that the window never holds enough.
 *
 * @param remedy what raises the rate, if anything: `Raise CUTOVER_SHADOW_PERCENT.`
 */
export function outlook({ found, needed, windowMs, stageMs }: Count, remedy: string): string {
  const measuredMs = Math.min(stageMs, windowMs);
  if (measuredMs < shortestMs) return "Wait for more questions.";
  const inWindow = Math.floor((found * windowMs) / measuredMs);
  if (inWindow < needed) {
    const window = `the window of ${Math.round(windowMs / 1_000)} s (CUTOVER_WINDOW_S)`;
    const never = `Waiting is not enough: at the present rate ${window} holds about ${counted(inWindow, "read")} of the ${needed} that are needed.`;
    return `${never} ${remedy}`.trim();
  }
  const seconds = ((needed - found) * measuredMs) / found / 1_000;
  const time = seconds < 90 ? `${Math.max(1, Math.ceil(seconds))} s` : `${Math.ceil(seconds / 60)} min`;
  return `Wait for more questions: enough in about ${time} at the present rate.`;
}
