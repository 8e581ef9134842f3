import type { StateDatabase } from "../../state/database.ts";
import { failureWords } from "../status/failure-words.ts";
import type { StoreHealth } from "../status/store-health.ts";
import type { Check } from "./checks.ts";

export interface OwnCheckParts {
  readonly state: StateDatabase;
  readonly stores: StoreHealth;
  /** Since when the state store cannot be used, epoch milliseconds. */
  readonly stateFailingSince: number | undefined;
  readonly now: number;
}

/** Milliseconds for which the state store, or a store of records, may fail without an alert. */
const toleratedMs = 60_000;

/** The state store and the stores of records, as this process sees them. */
export function ownChecks({ state, stores, stateFailingSince, now }: OwnCheckParts): Check[] {
  const isLong = (since: number) => now - since >= toleratedMs;
  const stateCheck: Check = {
    key: "state",
    run: () => {
      if (stateFailingSince === undefined) return "good";
      if (!isLong(stateFailingSince)) return "unknown";
      return {
        key: "state",
        severity: "page",
        sentence: `The state store ${state.location} cannot be used: feedback, keys and alerts are not stored.`,
      };
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
