import type { CutoverSectionDetails } from "../../src/cutover/section-details.ts";
import type { Condition, Objective, Status, StatusSection } from "../../src/operations/status/status.ts";
import type { CutoverDetails } from "../../web/dashboard/cutover.ts";
import type { StageId } from "../../web/dashboard/stages.ts";
import type { AlertResponse, HistoryResponse, IncidentResponse } from "../../web/service/contract.ts";

/** How the service of the fixture is. */
export type Mood = "good" | "bad" | "stale";

const minute = 60_000;
const clock = (moment: number) => new Date(moment).toISOString().slice(11, 16);
const iso = (moment: number) => new Date(moment).toISOString();

/** A status as the service reports it: all well, an outage since half an hour, or measures that nobody renews. */
export function statusOf(mood: Mood, cutover: CutoverMood, now: number): Status {
  const isStale = mood === "stale";
  const isBad = mood === "bad";
  const measured = { time: iso(isStale ? now - 47 * minute : now - 1_000), isStale };
  const since = isBad ? iso(now - 34 * minute) : null;
  return {
    condition: isBad ? "bad" : isStale ? "unknown" : "good",
    sentence: isBad
      ? `Error rate above objective since ${clock(now - 34 * minute)}, reading from embedded`
      : isStale
        ? "No request since 47 minutes, so nothing is known"
        : "All objectives hold",
    since,
    time: iso(now),
    version: "0.1.0",
    replicas: 2,
    lostReplicas: [],
    reading: isBad ? "embedded" : "upstash",
    traffic: {
      ...measured,
      requestsPerMinute: isStale ? 0 : 128.4,
      inFlight: 3,
      p50: isBad ? 212 : 38,
      p95: isBad ? 1_840 : 96,
      p99: isBad ? 2_960 : 174,
      fallbacks: isBad ? 412 : 0,
    },
    objectives: [
      objective("average", "Average latency", { value: isBad ? 488 : 46, target: 500, unit: "milliseconds" }),
      objective("p99", "Latency, 99th percentile", {
        value: isBad ? 2_960 : 174,
        target: 2_000,
        unit: "milliseconds",
        remaining: isBad ? 0.31 : 0.94,
        isBreached: isBad,
      }),
      objective("availability", "Availability", {
        value: isBad ? 0.9921 : 0.99987,
        target: 0.999,
        unit: "ratio",
        comparison: "at least",
        remaining: isBad ? 0.12 : 0.87,
        isBreached: isBad,
      }),
      objective("errors", "Error rate", {
        value: isBad ? 0.0079 : 0.00013,
        target: 0.001,
        unit: "ratio",
        remaining: isBad ? 0.12 : 0.87,
        isBreached: isBad,
      }),
    ],
    stores: [
      {
        ...measured,
        name: "upstash",
        role: "primary",
        condition: isBad ? "bad" : "good",
        breaker: isBad ? "open" : "closed",
        lastSuccess: iso(isBad ? now - 34 * minute : now - 2_000),
        lastFailure: isBad ? { time: iso(now - 40_000), error: "connection" } : null,
      },
      {
        ...measured,
        name: "embedded",
        role: "secondary",
        condition: "good",
        breaker: "none",
        lastSuccess: iso(now - (isBad ? 1_000 : 26 * minute)),
        lastFailure: null,
      },
    ],
    sections: {
      cutover: cutoverSection(cutover),
      backups: section(
        "good",
        `The newest backup is of ${clock(now - 420 * minute)} UTC, verified; proven by a restore drill`,
        {
          newest: {
            createdAt: iso(now - 420 * minute),
            byteCount: 48_300_000,
            verifiedAt: iso(now - 419 * minute),
          },
          count: 14,
          drill: { outcome: "succeeded", endedAt: iso(now - 1_860 * minute) },
        },
      ),
      cost: section(
        isBad ? "warning" : "good",
        isBad
          ? "82 % of the budget is spent: $20.50 of $25"
          : "412,300 billed requests this month, $3.18 with the plan",
        {
          requests: isBad ? 5_130_000 : 412_300,
          plan: "pay-as-you-go",
          dollars: isBad ? 20.5 : 3.18,
          expectedDollars: isBad ? 31.2 : 5.4,
          budget: { dollars: 25, level: isBad ? "warning" : "within", share: isBad ? 0.82 : 0.127 },
        },
      ),
      feedback: section("good", "92 % of 218 votes are up (95 %: 88 to 95 %) within 7 days", {
        up: 201,
        down: 17,
        share: 0.92,
        comments: [
          { comment: "Names the allergens at once. Thank you!" },
          { comment: "The portion of the energy figure was unclear." },
        ],
      }),
      integrity: section("good", "500 of 765 records read again, none of them damaged", {
        checked: 500,
        recordCount: 765,
        faultCount: 0,
        drift: { outcome: "steady", largestChange: 0.0003, checkedAt: iso(now - 95 * minute) },
      }),
    },
    alerts: [],
  };

  function cutoverSection({
    stage,
    isGateClosed,
    isHeld,
    isPaused,
    canaryPercent,
  }: CutoverMood): StatusSection {
    if (stage === undefined) {
      const sentence = "Nothing is known about cutover";
      return { condition: "unknown", sentence, time: null, isStale: true, details: null };
    }
    return section("good", `Stage ${stage}; ${isGateClosed ? 42 : 0} records to copy`, {
      stage,
      leader: "source",
      isHeld,
      isPaused,
      canaryShare: stage === "canary" ? canaryPercent / 100 : null,
      lag: stage === "source" ? null : { records: isGateClosed ? 42 : 0, seconds: isGateClosed ? 3.2 : 0 },
      queued: isHeld ? 7 : 0,
      processes: 2,
    } satisfies CutoverSectionDetails);
  }

  function section(condition: Condition, sentence: string, details: unknown): StatusSection {
    return { ...measured, condition: isStale ? "unknown" : condition, sentence, details };
  }

  interface Measure {
    readonly value: number;
    readonly target: number;
    readonly unit: Objective["unit"];
    readonly comparison?: Objective["comparison"];
    readonly remaining?: number;
    readonly isBreached?: boolean;
  }

  function objective(name: Objective["name"], title: string, measure: Measure): Objective {
    const { value, target, unit, comparison = "below", remaining, isBreached = false } = measure;
    return {
      ...measured,
      name,
      title,
      unit,
      comparison,
      target,
      state: isStale ? "stale" : isBreached ? "breached" : "met",
      since: isBreached ? since : null,
      value,
      requests: 7_700,
      minimumRequests: 20,
      windows: [],
      budget: remaining === undefined ? null : { days: 30, remaining, requests: 5_500_000 },
    };
  }
}

/** What was measured over a span: days with their rhythm, and in a bad mood an outage of the last half hour. */
export function historyOf(
  mood: Mood,
  span: { from: number; to: number; stepSeconds: number },
): HistoryResponse {
  const { to, stepSeconds } = span;
  const stepMs = stepSeconds * 1_000;
  const from = Math.floor(span.from / stepMs) * stepMs;
  const points: HistoryResponse["points"][number][] = [];
  for (let start = from; start < to; start += stepMs) {
    const age = to - start;
    const isOutage = (mood === "bad" && age < 34 * minute) || (age > 340 * minute && age < 352 * minute);
    const isGap = mood === "stale" && age < 47 * minute;
    const noise = noiseAt(start / stepMs);
    const hour = (start / 3_600_000) % 24;
    const volume = (96 + 52 * Math.sin(((hour - 7) / 24) * 2 * Math.PI) + 14 * noise) * (stepSeconds / 60);
    const slowness = (isOutage ? 6 : 1) * (1 + 0.12 * noise);
    const requests = Math.max(1, Math.round(volume));
    points.push({
      time: iso(start),
      isGap,
      requests,
      failed: isOutage ? Math.round(requests * 0.011) : noise > 0.93 ? 1 : 0,
      refused: 0,
      clientErrors: 0,
      average: 46 * slowness,
      p50: 38 * slowness,
      p95: (96 + 20 * noise) * slowness * (isOutage ? 2.6 : 1),
      p99: (174 + 60 * noise) * slowness * (isOutage ? 2.2 : 1),
      retrievalP95: 60 * slowness,
      generationP95: null,
      answers: requests,
      declined: 0,
      retries: 0,
      rateLimitWaits: 0,
      promptTokens: 0,
      completionTokens: 0,
      errors: {},
      fallbacks: isOutage ? Math.round(requests * 0.9) : 0,
      breakerOpens: isOutage && !isOutageAt(mood, age + stepMs) ? 1 : 0,
    });
  }
  return { from: iso(from), to: iso(to), stepSeconds, points };
}

function isOutageAt(mood: Mood, age: number): boolean {
  return (mood === "bad" && age < 34 * minute) || (age > 340 * minute && age < 352 * minute);
}

/** The same for the same place: -1 to 1. */
function noiseAt(place: number): number {
  const value = Math.sin(place * 12.9898) * 43_758.5453;
  return 2 * (value - Math.floor(value)) - 1;
}

export function alertsOf(mood: Mood, now: number): AlertResponse[] {
  const earlier: AlertResponse = {
    id: "alert-1",
    key: "store:upstash",
    severity: "ticket",
    state: "recovered",
    sentence: "upstash failed for 12 minutes; the secondary store answered.",
    startedAt: iso(now - 352 * minute),
    recoveredAt: iso(now - 340 * minute),
    notification: "delivered",
  };
  if (mood !== "bad") return [earlier];
  return [
    {
      id: "alert-2",
      key: "objective:errors",
      severity: "page",
      state: "firing",
      sentence:
        "Error rate above objective: 1.1 % over 5 minutes, 11.0 times the rate that the error budget allows (objective: below 0.1 %).",
      startedAt: iso(now - 30 * minute),
      recoveredAt: null,
      notification: "delivered",
    },
    earlier,
  ];
}

export function incidentsOf(mood: Mood, now: number): IncidentResponse[] {
  if (mood !== "bad") return [];
  return [
    {
      id: "incident-1",
      kind: "rollback",
      title: "Rolled back from canary to the source",
      openedAt: iso(now - 29 * minute),
      updatedAt: iso(now - 28 * minute),
      closedAt: null,
      report:
        "# Rollback from canary\n\n- Rule: error rate of the target above 1 % for 2 minutes\n- Measured: 11.2 % of 320 reads\n- Writes lost: none\n\nNext: look at the target, then start the cutover again.",
    },
  ];
}

interface CutoverMood {
  readonly stage: StageId | undefined;
  readonly isPaused: boolean;
  readonly isGateClosed: boolean;
  /** Whether a change of the leader is under way. */
  readonly isHeld: boolean;
  readonly canaryPercent: number;
}

export function cutoverDetailsOf(mood: CutoverMood, now: number): CutoverDetails {
  const { stage = "source", isPaused, isGateClosed, isHeld, canaryPercent } = mood;
  return {
    stage,
    leader: "source",
    isHeld,
    isPaused,
    canaryShare: stage === "canary" ? canaryPercent / 100 : null,
    lag: stage === "source" ? null : { records: isGateClosed ? 42 : 0, seconds: isGateClosed ? 3.2 : 0 },
    queued: isHeld ? 7 : 0,
    parked: { count: 0, writes: [] },
    failing: [],
    processes: { all: 2, confirmed: 2 },
    since: iso(now - 190 * minute),
    source: "chroma",
    target: "upstash",
    gates: [
      {
        title: "the follower lags by no more than 1 s",
        isOpen: !isGateClosed,
        detail: isGateClosed
          ? "42 records, 3.2 s. Wait: running processes copy what is missing."
          : "0 records, 0.0 s",
      },
      {
        title: "a comparison of the stores without a difference, not older than 24 h",
        isOpen: true,
        detail: "765 records, no difference, 52 minutes ago",
      },
      { title: "no rollback rule is broken", isOpen: true, detail: "5 rules hold" },
    ],
    rules: [
      {
        name: "errors",
        state: "holds",
        sentence: "at most 1 % of the target's reads fail: 0.02 % of 12,400",
      },
      {
        name: "latency-p95",
        state: "holds",
        sentence: "p95 of the target is at most 1.5 times the source's: 0.9",
      },
      {
        name: "critical",
        state: "inconclusive",
        sentence: "no failure that waiting does not cure: too few reads",
      },
    ],
    history: [
      {
        time: iso(now - 190 * minute),
        event: "advance: shadow-read to canary",
        by: "operator",
        reason: "all gates open",
      },
      {
        time: iso(now - 1_500 * minute),
        event: "advance: dual-write to shadow-read",
        by: "operator",
        reason: null,
      },
      { time: iso(now - 1_720 * minute), event: "start: source to dual-write", by: "operator", reason: null },
    ],
  };
}
