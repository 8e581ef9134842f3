/** The service objectives (OPS-2). */
export interface ObjectiveTargets {
  /** Mean duration of counted requests. Milliseconds; default 500. */
  readonly averageMs: number;
  /** 99 of 100 counted requests are faster. Milliseconds; default 2,000. */
  readonly p99Ms: number;
  /** Least share of counted requests that are answered. Default 0.999. */
  readonly availability: number;
  /** Largest share of counted requests that fail. Default 0.001. */
  readonly errors: number;
  /** With fewer counted requests in an hour nothing is concluded. Default 20. */
  readonly minimumRequests: number;
}

/** Days of an error budget, as in Google's SRE workbook. */
export const budgetDays = 30;

/** Both windows must burn the budget this fast; the short one ends the alert soon after the breach. */
export interface BurnRule {
  readonly longMinutes: number;
  readonly shortMinutes: number;
  /** Multiple of the rate that uses up the budget in `budgetDays`. */
  readonly factor: number;
  readonly severity: "page" | "ticket";
}

/**
 * Windows and factors of multi-window, multi-burn-rate alerts: Google, The Site Reliability Workbook, chapter 5
 * "Alerting on SLOs", section 6. 14.4 uses 2 % of the budget in an hour, 6 uses 5 % in six hours.
 */
export const ratioRules: readonly BurnRule[] = [
  { longMinutes: 60, shortMinutes: 5, factor: 14.4, severity: "page" },
  { longMinutes: 360, shortMinutes: 30, factor: 6, severity: "page" },
  { longMinutes: 1_440, shortMinutes: 120, factor: 3, severity: "ticket" },
  { longMinutes: 4_320, shortMinutes: 360, factor: 1, severity: "ticket" },
];

/** For the 99th percentile: more than one slow request in a hundred over six hours is a breach, without waiting days. */
export const p99Rules: readonly BurnRule[] = [
  ...ratioRules.slice(0, 2),
  { longMinutes: 360, shortMinutes: 30, factor: 1, severity: "ticket" },
];

/** The average has no budget: it is breached if it exceeds its target over an hour and over five minutes. */
export const averageRule: BurnRule = { longMinutes: 60, shortMinutes: 5, factor: 1, severity: "ticket" };

/** A single bad request is never a trend. */
export const fewestBadRequests = 2;

/** Minutes without a counted request after which the last measure is stale. */
export const staleAfterMinutes = 10;
