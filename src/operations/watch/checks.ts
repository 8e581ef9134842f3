import type { AlertCenter, AlertCondition } from "../alerts/alert-center.ts";

/**
 * What a check found: a condition that has to raise an alert, `good`, or `unknown` if nothing was measured. An alert
 * ends only by `good`.
 */
export type CheckResult = AlertCondition | "good" | "unknown";

/** A condition that is looked at every few seconds. */
export interface Check {
  readonly key: string;
  /** Milliseconds for which it has to be good before its alert ends, so that alerts do not flap. Default 0. */
  readonly holdMs?: number;
  run(): CheckResult | Promise<CheckResult>;
}

/** Raises and ends alerts by checks. */
export class Checks {
  readonly #alerts: AlertCenter;
  readonly #now: () => number;
  readonly #goodSince = new Map<string, number>();

  constructor(alerts: AlertCenter, now: () => number) {
    this.#alerts = alerts;
    this.#now = now;
  }

  /** Since when a check is good without a break, as far as this process has seen; epoch milliseconds. */
  goodSince(key: string): number | undefined {
    return this.#goodSince.get(key);
  }

  async apply({ key, holdMs = 0 }: Pick<Check, "key" | "holdMs">, result: CheckResult): Promise<void> {
    if (result !== "good") {
      this.#goodSince.delete(key);
      if (result !== "unknown") await this.#alerts.raise(result);
      return;
    }
    const since = this.#goodSince.get(key) ?? this.#now();
    this.#goodSince.set(key, since);
    if (this.#now() - since >= holdMs) await this.#alerts.recover(key);
  }
}
