/** `unknown` is never shown as good: nothing was measured, or what was measured is old. */
export type Condition = "good" | "warning" | "bad" | "unknown";

/** When something was measured, and whether that is too long ago to count. Times are ISO 8601 in UTC. */
export interface Measured {
  readonly time: string | null;
  readonly isStale: boolean;
}

export type ObjectiveName = "average" | "p99" | "availability" | "errors";

export type ObjectiveState = "met" | "breached" | "unknown" | "stale";

/**
 * How an objective stands, with what its state and value show together. `missed`: the value is worse than the target,
 * and no alert fires. `recovered`: it is, by requests before `calmSince`. `recovering`: its alert fires although the
 * value is good again. `budget used`: no rule is broken now, and the error budget is spent.
 */
export type Standing = ObjectiveState | "missed" | "recovered" | "recovering" | "budget used";

export interface ObjectiveWindow {
  readonly minutes: number;
  /** In the unit of the objective; null without a counted request. */
  readonly value: number | null;
  /** Counted requests. */
  readonly requests: number;
  /** Of them, those that use up the error budget; null for the average. */
  readonly bad: number | null;
  /** Share of the window in which anything was measured, 0 to 1. A long window counts only by this share. */
  readonly coverage: number;
  /** Share of bad requests as a multiple of the allowed share; null for the average and without requests. */
  readonly burnRate: number | null;
}

export interface ErrorBudget {
  readonly days: number;
  /** 1 for an untouched budget, below 0 if it is overspent. */
  readonly remaining: number;
  /** Counted requests within these days. */
  readonly requests: number;
}

/** A service objective (OPS-2). */
export interface Objective extends Measured {
  readonly name: ObjectiveName;
  readonly title: string;
  readonly unit: "milliseconds" | "ratio";
  readonly comparison: "below" | "at least";
  readonly target: number;
  readonly state: ObjectiveState;
  /** The word for people. */
  readonly standing: Standing;
  /** Begin of the breach. */
  readonly since: string | null;
  /** Begin of the time without a bad request; null while there are some, and without requests since. */
  readonly calmSince: string | null;
  /** When its alert ends at the latest if no further request is bad; null if it does not fire or is not calm. */
  readonly endsBy: string | null;
  /** Over the first of `windows`; the last known value if stale. */
  readonly value: number | null;
  /** Counted requests of the hour that decides. */
  readonly requests: number;
  /** With fewer requests the state is unknown. */
  readonly minimumRequests: number;
  /** Shortest first. */
  readonly windows: readonly ObjectiveWindow[];
  /** null for the average, which has no share of bad requests, and with too few requests. */
  readonly budget: ErrorBudget | null;
}

export interface StoreStatus extends Measured {
  readonly name: string;
  /** By the stage of the cutover, if there is one. `unused`: it gets neither questions nor writes. */
  readonly role: "primary" | "secondary" | "unused";
  /** What it does, to follow its name: "answers every question and takes every write". */
  readonly duty: string;
  readonly condition: Condition;
  readonly breaker: "closed" | "open" | "half-open" | "none";
  readonly lastSuccess: string | null;
  /** `error` is a code, `what` says it: "refused the token". */
  readonly lastFailure: { readonly time: string; readonly error: string; readonly what: string } | null;
}

/** What another part of the service adds: its own condition in a sentence, with figures. */
export interface StatusSection extends Measured {
  readonly condition: Condition;
  readonly sentence: string;
  /** Begin of what the sentence says, if it is known. */
  readonly since?: string | undefined;
  /** null without figures. */
  readonly details: unknown;
}

export type SectionName = "cutover" | "backups" | "cost" | "feedback" | "integrity" | "model";

/** A person knows of an alert and sees to it. */
export interface AcknowledgementStatus {
  readonly time: string;
  readonly by: string;
  /** May be empty. */
  readonly text: string;
}

export interface AlertStatus {
  readonly id: string;
  /** The condition: `objective:errors`, `store:upstash`, `state`. */
  readonly key: string;
  readonly severity: "page" | "ticket";
  readonly state: "firing" | "recovered";
  readonly sentence: string;
  readonly startedAt: string;
  readonly recoveredAt: string | null;
  /** null until a person acknowledges it, and again after its severity rises. */
  readonly acknowledgement: AcknowledgementStatus | null;
  /** As `Objective.calmSince`; null for another alert. */
  readonly calmSince: string | null;
  /** As `Objective.endsBy`; null for another alert. */
  readonly endsBy: string | null;
  /** Where the runbook says what to do: `docs/runbook.md#objective-errors`. */
  readonly runbook: string;
  /** Whether the webhook has received it. */
  readonly notification: "none" | "pending" | "delivered" | "failed";
}

export interface Traffic extends Measured {
  /** Counted requests, average of the last five minutes and of the one that has begun. */
  readonly requestsPerMinute: number;
  /** Requests that this process is answering. */
  readonly inFlight: number;
  /** Milliseconds over five minutes; null without requests. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  /** Reads that a secondary store answered within five minutes. */
  readonly fallbacks: number;
}

/** The body of `GET /api/status`, and of the event `status` of `GET /api/events`. */
export interface Status {
  readonly condition: Condition;
  /** The state in one sentence: "All objectives hold." */
  readonly sentence: string;
  /** Begin of the worst of what is wrong; if nothing is, of the time since then. */
  readonly since: string | null;
  /** Begin of what was measured, at most 31 days ago. */
  readonly measuredSince: string | null;
  readonly time: string;
  readonly version: string;
  /** Processes that serve, this one included. */
  readonly replicas: number;
  /** Processes that ended within the last hour without signing off, as a killed one does. */
  readonly lostReplicas: readonly { readonly replica: string; readonly lastSeen: string }[];
  /** The store that answers: the primary one, or the one that answered last in its place. null if none does. */
  readonly reading: string | null;
  readonly traffic: Traffic;
  readonly objectives: readonly Objective[];
  readonly stores: readonly StoreStatus[];
  readonly sections: Readonly<Record<SectionName, StatusSection>>;
  /** Alerts that fire. */
  readonly alerts: readonly AlertStatus[];
}
