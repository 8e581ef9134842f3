import { cutoverDuties } from "../../src/composition/watch.ts";
import { budgetStatus } from "../../src/operations/cost/budget.ts";
import type { CostControl } from "../../src/operations/cost/cost-control.ts";
import { costWatch } from "../../src/operations/cost/cost-watch.ts";
import { feedbackSection } from "../../src/operations/feedback/feedback-section.ts";
import { objectiveWords } from "../../src/operations/objectives/describe.ts";
import { standingOf } from "../../src/operations/objectives/standing.ts";
import { ModelHealth } from "../../src/operations/status/model-health.ts";
import { summarize } from "../../src/operations/status/sentence.ts";
import type { Objective, SectionName, Status, StatusSection } from "../../src/operations/status/status.ts";
import type { Acknowledgement, Alert } from "../../src/state/alerts.ts";
import type { FeedbackRepository } from "../../src/state/feedback.ts";
import type { HistoryResponse } from "../../web/service/contract.ts";
import { type CutoverMood, cutoverSection, names, overviewOf } from "./cutover.ts";

/** How the service of the fixture is. `young`: it started three minutes ago. `spent`: beyond the budget of the month. */
export type Mood = "good" | "bad" | "stale" | "young" | "spent";

const minute = 60_000;
/** Milliseconds since a young service started. */
const youngAge = 3 * minute;
const iso = (moment: number) => new Date(moment).toISOString();

/**
 * A status as the service reports it: all well, an outage since half an hour, or measures that nobody renews. The
 * service's own functions write the sentences.
 */
export async function statusOf(
  mood: Mood,
  cutover: CutoverMood & { readonly acknowledgement?: Acknowledgement | undefined },
  now: number,
): Promise<Status> {
  const isStale = mood === "stale";
  const isBad = mood === "bad";
  const measured = { time: iso(isStale ? now - 47 * minute : now - 1_000), isStale };
  const since = isBad ? now - 34 * minute : undefined;
  const objectives = objectivesOf(mood, measured, since);
  const duties = [...cutoverDuties(overviewOf(cutover, now).control, names)];
  const primary = duties.find(([, { role }]) => role === "primary") as (typeof duties)[number];
  const other = duties.find((each) => each !== primary) as (typeof duties)[number];
  const stores: Status["stores"] = [
    {
      ...measured,
      name: primary[0],
      ...primary[1],
      condition: isBad ? "bad" : "good",
      breaker: isBad ? "open" : "closed",
      lastSuccess: iso(since ?? now - 2_000),
      lastFailure: isBad ? { time: iso(now - 40_000), error: "connection", what: "did not answer" } : null,
    },
    {
      ...measured,
      name: other[0],
      ...other[1],
      condition: "good",
      breaker: "none",
      lastSuccess: iso(now - (isBad ? 1_000 : 26 * minute)),
      lastFailure: null,
    },
  ];
  const sections = await sectionsOf(mood, cutover, now);
  const reading = isBad && other[1].role === "secondary" ? other[0] : primary[0];
  const firing = alertsOf(mood, now, cutover.acknowledgement).filter(({ state }) => state === "firing");
  const summary = summarize({
    objectives,
    stores: stores.map((store) => ({
      ...store,
      failingSince: store.lastFailure === null ? undefined : since,
    })),
    sections,
    reading,
    isUnanswered: false,
    stateFault: undefined,
    alerts: firing,
    now,
  });
  return {
    condition: summary.condition,
    sentence: summary.sentence,
    since: iso(summary.since ?? now - (mood === "young" ? youngAge : 214 * minute)),
    measuredSince: iso(mood === "young" ? now - youngAge : now - 9 * 24 * 60 * minute),
    time: iso(now),
    version: "0.1.0",
    replicas: 2,
    lostReplicas: isBad ? [{ replica: "kitchen-3-4127-9be01c", lastSeen: iso(now - 21 * minute) }] : [],
    reading,
    traffic: {
      ...measured,
      requestsPerMinute: isStale ? 0 : mood === "young" ? 3 : 128.4,
      inFlight: 3,
      p50: isBad ? 212 : 38,
      p95: isBad ? 1_840 : 96,
      p99: isBad ? 2_960 : 174,
      fallbacks: isBad ? 412 : 0,
    },
    objectives,
    stores,
    sections,
    alerts: [],
  };
}

type Measured = Pick<StatusSection, "time" | "isStale">;

function objectivesOf(mood: Mood, measured: Measured, since: number | undefined): Objective[] {
  const isBad = mood === "bad";
  const isStale = mood === "stale";
  const isYoung = mood === "young";
  return [
    objective("average", { value: isBad ? 488 : 46, target: 500 }),
    objective("p99", { value: isBad ? 2_960 : 174, target: 2_000, remaining: isBad ? 0.31 : 0.94 }),
    objective("availability", {
      value: isBad ? 0.9921 : 0.99987,
      target: 0.999,
      remaining: isBad ? 0.12 : 0.87,
    }),
    objective("errors", { value: isBad ? 0.0079 : 0.00013, target: 0.001, remaining: isBad ? 0.12 : 0.87 }),
  ];

  interface Measure {
    readonly value: number;
    readonly target: number;
    readonly remaining?: number;
  }

  function objective(name: Objective["name"], { value, target, remaining }: Measure): Objective {
    const { title, unit, comparison } = objectiveWords[name];
    const isBreached = comparison === "below" ? value >= target : value < target;
    const given = {
      ...measured,
      name,
      title,
      unit,
      comparison,
      target,
      state: isYoung ? "unknown" : isStale ? "stale" : isBreached ? "breached" : "met",
      since: isBreached && since !== undefined ? iso(since) : null,
      calmSince: null,
      endsBy: null,
      value,
      requests: isYoung ? 9 : 7_700,
      minimumRequests: 20,
      windows: [],
      budget: remaining === undefined || isYoung ? null : { days: 30, remaining, requests: 5_500_000 },
    } as const;
    return { ...given, standing: standingOf(given) };
  }
}

async function sectionsOf(
  mood: Mood,
  cutover: CutoverMood,
  now: number,
): Promise<Record<SectionName, StatusSection>> {
  const isStale = mood === "stale";
  const renewed = isStale ? now - 47 * minute : now - 1_000;
  const fresh = (section: StatusSection): StatusSection =>
    isStale ? { ...section, condition: "unknown", time: iso(renewed), isStale } : section;
  const [cost, feedback] = await Promise.all([costSection(mood), votesSection(renewed)]);
  return {
    cutover:
      cutover.stage === undefined
        ? {
            condition: "unknown",
            sentence: "Nothing is known about cutover",
            time: null,
            isStale: true,
            details: null,
          }
        : fresh(cutoverSection(cutover, now)),
    backups: mood === "bad" || mood === "young" ? noBackup : fresh(backups(now)),
    cost: fresh(cost),
    feedback: fresh(feedback),
    model: fresh(modelSection(mood, renewed)),
    integrity: fresh({
      condition: "good",
      sentence: "500 of 765 records read again, no damage found",
      time: iso(renewed),
      isStale: false,
      details: {
        checked: 500,
        recordCount: 765,
        faultCount: 0,
        drift: { outcome: "steady", largestChange: 0.0003, checkedAt: iso(now - 95 * minute) },
      },
    }),
  };
}

/** As `backupSection` says it; its module does not compile for a browser. */
const noBackup: StatusSection = {
  condition: "warning",
  sentence: "There is no verified backup yet. Make one: ragfood backup create",
  time: null,
  isStale: true,
  details: null,
};

function backups(now: number): StatusSection {
  const createdAt = iso(now - 420 * minute);
  const when = createdAt.slice(0, 16).replace("T", " ");
  return {
    condition: "good",
    sentence: `The newest backup (index, state) is of ${when} UTC, verified; proven by a restore drill`,
    time: createdAt,
    isStale: false,
    details: {
      parts: [
        { kind: "index", createdAt, byteCount: 48_300_000 },
        { kind: "state", createdAt, byteCount: 1_270_000 },
      ],
      count: 14,
      drill: { outcome: "succeeded", endedAt: iso(now - 1_860 * minute) },
    },
  };
}

/** A model that has answered for long; beyond the budget it fails, too. */
function modelSection(mood: Mood, now: number): StatusSection {
  const clock = { now: now - 90 * minute };
  const health = new ModelHealth({ isExpected: true, now: () => clock.now });
  const generator = "ollama llama3.2";
  if (mood === "young") return health.section();
  health.record({ generator, outcome: "timeout", problem: "Ollama gave no answer for 8 s." });
  clock.now = now - 2_000;
  health.record({ generator, outcome: "ok" });
  clock.now = now;
  if (mood === "spent") {
    const problem = "Ollama does not answer at http://127.0.0.1:11434: ECONNREFUSED.";
    for (const pauseMs of [0, 40_000]) health.record({ generator, outcome: "connection", problem, pauseMs });
  }
  return health.section();
}

function costSection(mood: Mood): Promise<StatusSection> {
  const figures: Partial<Record<Mood, readonly [requests: number, dollars: number, expected: number]>> = {
    bad: [5_130_000, 20.5, 31.2],
    spent: [6_610_000, 26.4, 34.1],
    young: [9, 0, 0.4],
  };
  const [requests, dollars, expectedDollars] = figures[mood] ?? [412_300, 3.18, 5.4];
  const budget = budgetStatus({ dollars: 25, requests: undefined, action: "fallback" }, requests, dollars);
  const live = {
    requests,
    plan: "pay-as-you-go",
    dollars,
    expectedDollars,
    budget,
  };
  return costWatch({ live: async () => live } as unknown as CostControl)();
}

function votesSection(changedAt: number): Promise<StatusSection> {
  const comments = [
    "Names the allergens at once. Thank you!",
    "The portion of the energy figure was unclear.",
  ];
  return feedbackSection({
    byDay: async () => [{ day: "", up: 201, down: 17 }],
    list: async () => comments.map((comment) => ({ comment, vote: "up", changedAt })),
  } as unknown as FeedbackRepository);
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
    const isGap = (mood === "stale" && age < 47 * minute) || (mood === "young" && age > youngAge);
    const noise = noiseAt(start / stepMs);
    const hour = (start / 3_600_000) % 24;
    // The last step is not over.
    const measuredSeconds = Math.min(stepSeconds, age / 1_000);
    const volume =
      (96 + 52 * Math.sin(((hour - 7) / 24) * 2 * Math.PI) + 14 * noise) * (measuredSeconds / 60);
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
      errors: isOutage ? { connection: Math.round(requests * 0.011) } : {},
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

/** @param acknowledgement of those that fire */
export function alertsOf(mood: Mood, now: number, acknowledgement?: Acknowledgement): Alert[] {
  const earlier: Alert = {
    id: "alert-1",
    key: "store:upstash",
    severity: "ticket",
    state: "recovered",
    sentence: "upstash failed for 12 minutes; the secondary store answered.",
    evidence: null,
    startedAt: now - 352 * minute,
    recoveredAt: now - 340 * minute,
    acknowledgement: undefined,
    notification: "delivered",
  };
  if (mood === "young") return [];
  if (mood !== "bad") return [earlier];
  return [
    {
      id: "alert-2",
      key: "objective:errors",
      severity: "page",
      state: "firing",
      sentence:
        "Error rate above objective: 1.1 % over 5 minutes, 11.0 times the rate that the error budget allows (objective: below 0.1 %).",
      evidence: null,
      startedAt: now - 34 * minute,
      recoveredAt: undefined,
      acknowledgement,
      notification: "delivered",
    },
    earlier,
  ];
}
