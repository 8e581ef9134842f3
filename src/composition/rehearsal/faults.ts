import type { RuleName } from "../../cutover/watch/rules.ts";
import type { FaultSettings } from "../../embedded/index.ts";

/** What happens to the target of a rehearsed cutover. */
export const rehearsedFaults = ["slow", "dead", "wrong", "read-only", "rate-limited"] as const;
export type RehearsedFault = (typeof rehearsedFaults)[number];

/** Milliseconds that a slow target takes longer. */
export const slowMs = 1_000;

/** Requests that a rate-limited target accepts in a second: fewer than the client sends. */
const fewestPerSecond = 5;

/** What the served index does in each; a wrong one holds altered records. */
export const emulatedFaults: Readonly<Record<RehearsedFault, Partial<FaultSettings>>> = {
  slow: { latencyMs: slowMs },
  dead: { isDown: true },
  wrong: {},
  "read-only": { isReadOnly: true },
  "rate-limited": { requestsPerSecond: fewestPerSecond },
};

export const noFaults: Partial<FaultSettings> = {
  latencyMs: 0,
  isDown: false,
  isReadOnly: false,
  requestsPerSecond: 0,
};

/**
 * The rules of rollback that are made for each fault: one of them has to find it. A rate-limited target is slow as
 * well: its client waits as long as it asks.
 */
export const expectedRules: Readonly<Record<RehearsedFault, readonly RuleName[]>> = {
  slow: ["latency-mean", "latency-p95", "errors"],
  dead: ["errors", "critical", "write-errors"],
  wrong: ["integrity"],
  "read-only": ["critical", "write-errors"],
  "rate-limited": ["errors", "write-errors", "critical", "latency-mean", "latency-p95"],
};

/** Whether one of the rules that rolled back is made for the fault. */
export function isFoundAsExpected(fault: RehearsedFault, rules: readonly string[]): boolean {
  return expectedRules[fault].some((name) => rules.includes(name));
}

/** A sentence about a fault that another rule has found first; `undefined` if one of the expected ones did. */
export function noteOf(fault: RehearsedFault, rules: readonly string[]): string | undefined {
  if (isFoundAsExpected(fault, rules)) return undefined;
  return `The target was ${fault}, and ${rules.join(", ")} rolled back before ${expectedRules[fault].join(" or ")}. That is as safe. If the machine was busy, rehearse again.`;
}
