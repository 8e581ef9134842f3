import type { AlertCondition } from "../../state/alerts.ts";
import type { StateDatabase } from "../../state/database.ts";
import { StateError } from "../../state/state-error.ts";
import { failureWords } from "../status/failure-words.ts";
import type { StoreHealth } from "../status/store-health.ts";
import type { Check } from "./checks.ts";

/** The state store cannot be used. */
export interface StateFault {
  /** Epoch milliseconds. */
  readonly since: number;
  /** Why: "the disk is full". */
  readonly problem: string;
}

/** Why the state store could not be used, in words for people. */
export function stateProblem(error: unknown): string {
  if (error instanceof StateError && error.problem !== undefined) return error.problem;
  return error instanceof Error ? error.message.replace(/\.$/, "") : String(error);
}

export function stateCondition(
  { location }: StateDatabase,
  { problem }: StateFault,
  severity: AlertCondition["severity"],
): AlertCondition {
  return {
    key: "state",
    severity,
    sentence: `The state store ${location} cannot be used: ${problem}. Feedback, keys and alerts are not stored.`,
  };
}

export interface OwnCheckParts {
  readonly state: StateDatabase;
  readonly stores: StoreHealth;
  readonly stateFault: StateFault | undefined;
  readonly now: number;
}

/** Milliseconds for which the state store, or a store of records, may fail without an alert. */
const toleratedMs = 60_000;

/** Milliseconds for which questions may fail although there is a second store, which should answer within seconds. */
const unansweredMs = 10_000;

/** The state store and the stores of records, as this process sees them. */
export function ownChecks({ state, stores, stateFault, now }: OwnCheckParts): Check[] {
  const isLong = (since: number) => now - since >= toleratedMs;
  const stateCheck: Check = {
    key: "state",
    run: () => {
      if (stateFault === undefined) return "good";
      return isLong(stateFault.since) ? stateCondition(state, stateFault, "page") : "unknown";
    },
  };
  const all = stores.list();
  const hasSecondary = all.some(({ role }) => role === "secondary");
  const storeChecks = all.map(
    ({ name, role, lastFailure, condition }): Check => ({
      key: `store:${name}`,
      holdMs: toleratedMs,
      run: () => {
        const since = stores.failingSince(name);
        if (since === undefined) return condition === "good" ? "good" : "unknown";
        const isUnanswered = role === "primary" && hasSecondary && stores.isUnanswered;
        if (isUnanswered && now - since >= unansweredMs) {
          const fault = failureWords(lastFailure?.error, "present");
          const sentence = `The primary store ${name} ${fault}, and no store answers questions.`;
          return { key: `store:${name}`, severity: "page", sentence };
        }
        if (!isLong(since)) return "unknown";
        return {
          key: `store:${name}`,
          // With a second store questions are still answered.
          severity: role === "primary" && !hasSecondary ? "page" : "ticket",
          sentence: `The ${role} store ${name} ${failureWords(lastFailure?.error, "present")}.`,
        };
      },
    }),
  );
  return [stateCheck, ...storeChecks];
}
