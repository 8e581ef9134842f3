import { describe, expect, it } from "vitest";
import { standingOf } from "../../../src/operations/objectives/standing.ts";
import { type Situation, summarize } from "../../../src/operations/status/sentence.ts";
import type { Objective, ObjectiveName, StatusSection } from "../../../src/operations/status/status.ts";
import type { Alert } from "../../../src/state/alerts.ts";

const now = Date.UTC(2026, 5, 10, 15, 0);
const at = (hours: number, minutes: number) => new Date(Date.UTC(2026, 5, 10, hours, minutes)).toISOString();

function objective(name: ObjectiveName, change: Partial<Objective> = {}): Objective {
  const given = {
    name,
    title: name,
    unit: "ratio",
    comparison: "below",
    target: 0.001,
    state: "met",
    since: null,
    calmSince: null,
    endsBy: null,
    value: 0,
    requests: 100,
    minimumRequests: 20,
    windows: [],
    budget: null,
    time: at(14, 59),
    isStale: false,
    ...change,
  } as const;
  return { ...given, standing: standingOf(given) };
}

const section: StatusSection = {
  condition: "good",
  sentence: "Fine.",
  time: at(14, 59),
  isStale: false,
  details: null,
};

const stores: Situation["stores"] = [store("upstash", "primary"), store("chroma", "secondary")];

function store(name: string, role: "primary" | "secondary", failingSince?: number) {
  return {
    name,
    role,
    duty: "answers",
    condition: "good",
    breaker: "closed",
    lastSuccess: at(14, 59),
    lastFailure:
      failingSince === undefined
        ? null
        : { time: at(14, 59), error: "timeout", what: "took too long to answer" },
    time: at(14, 59),
    isStale: false,
    failingSince,
  } as const;
}

const calm: Situation = {
  objectives: [objective("average"), objective("p99"), objective("availability"), objective("errors")],
  stores,
  sections: {
    cutover: section,
    backups: section,
    cost: section,
    feedback: section,
    integrity: section,
    model: section,
  },
  reading: "upstash",
  isUnanswered: false,
  stateFault: undefined,
  alerts: [],
  now,
};

function alert(key: string, severity: Alert["severity"], change: Partial<Alert> = {}): Alert {
  return {
    id: key,
    key,
    severity,
    state: "firing",
    sentence: `The alert ${key}.`,
    evidence: null,
    startedAt: Date.parse(at(14, 48)),
    recoveredAt: undefined,
    acknowledgement: undefined,
    notification: "delivered",
    ...change,
  };
}

const byAda = { acknowledgement: { at: Date.parse(at(14, 52)), by: "Ada", text: "mends the token." } };

describe("the state in one sentence", () => {
  it.each<[string, Partial<Situation>, string]>([
    ["everything holds", {}, "good: All objectives hold"],
    [
      "a breach, answered from the second store",
      {
        objectives: [objective("errors", { state: "breached", since: at(14, 2) })],
        reading: "chroma",
      },
      "bad: Error rate above objective since 14:02 UTC, reading from chroma",
    ],
    [
      "several breaches: failures before slowness, since the first",
      {
        objectives: [
          objective("p99", { state: "breached", since: at(13, 0) }),
          objective("errors", { state: "breached", since: at(14, 2) }),
        ],
      },
      "bad: Error rate above objective, 99th percentile of latency above objective since 13:00 UTC",
    ],
    [
      "a breach by a store that refuses the token: its cause comes first, since the first failure",
      {
        objectives: [objective("errors", { state: "breached", since: at(14, 2) })],
        stores: [
          {
            ...store("upstash", "primary", Date.parse(at(14, 1))),
            lastFailure: { time: at(14, 59), error: "authentication", what: "refused the token" },
          },
        ],
        reading: undefined,
      },
      "bad: upstash refuses the token since 14:01 UTC: no store answers questions. Error rate above objective",
    ],
    [
      "a breach whose cause is over: what it was, since when nothing fails, and when the alert ends",
      {
        objectives: [
          objective("errors", {
            state: "breached",
            since: at(14, 2),
            calmSince: at(14, 6),
            endsBy: at(14, 13),
          }),
        ],
        stores: [
          {
            ...store("upstash", "primary"),
            lastFailure: { time: at(14, 5), error: "authentication", what: "refused the token" },
          },
        ],
      },
      "warning: Error rate was above objective from 14:02 UTC: upstash refused the token until 14:05 UTC. No failed request since 14:06 UTC; the alert ends by 14:13 UTC",
    ],
    [
      "a breach while a rule of the cutover is broken",
      {
        objectives: [objective("p99", { state: "breached", since: at(14, 2) })],
        sections: {
          ...calm.sections,
          cutover: { ...section, condition: "bad", sentence: "1 rule of rollback broken: slow." },
        },
      },
      "bad: 1 rule of rollback broken: slow. 99th percentile of latency above objective",
    ],
    [
      "a dead store that nobody notices yet",
      {
        stores: [store("upstash", "primary", Date.parse(at(14, 50))), store("chroma", "secondary")],
        reading: "chroma",
      },
      "bad: upstash takes too long to answer since 14:50 UTC, reading from chroma",
    ],
    [
      "a store that refuses the token, while the second store may not answer for it",
      {
        stores: [store("upstash", "primary", Date.parse(at(14, 50))), store("chroma", "secondary")],
        reading: undefined,
        isUnanswered: true,
      },
      "bad: upstash takes too long to answer since 14:50 UTC: no store answers questions",
    ],
    [
      "a state store that is down",
      { stateFault: { since: Date.UTC(2026, 5, 9, 23, 0), problem: "the disk is full" } },
      "bad: The state store cannot be used since 2026-06-09 23:00 UTC: the disk is full; questions are answered, and measures are of this process alone",
    ],
    [
      "a bad section",
      {
        sections: {
          ...calm.sections,
          backups: { ...section, condition: "bad", sentence: "The last backup failed." },
        },
      },
      "bad: The last backup failed",
    ],
    [
      "a warning",
      {
        sections: {
          ...calm.sections,
          cost: { ...section, condition: "warning", sentence: "80 % of the budget." },
        },
      },
      "warning: All objectives hold, but: 80 % of the budget",
    ],
    [
      "an error budget that is used up, although nothing is wrong now",
      {
        objectives: [
          objective("availability", { budget: { days: 30, remaining: -0.2, requests: 8_541 } }),
          objective("errors"),
        ],
      },
      "warning: The error budget of 30 days is used up: availability",
    ],
    [
      "a value that misses its target, without an alert",
      {
        objectives: [
          objective("availability", {
            comparison: "at least",
            target: 0.999,
            value: 0.897,
            calmSince: at(14, 58),
            windows: [{ minutes: 5, value: 0.897, requests: 330, bad: 34, coverage: 1, burnRate: 103 }],
          }),
          objective("errors"),
        ],
      },
      "warning: No alert on an objective, and not all hold: Availability 89.7 % over 5 min, good again since 14:58 UTC",
    ],
    [
      "a warning while nothing is measured",
      {
        objectives: [objective("errors", { state: "unknown", requests: 0 })],
        sections: {
          ...calm.sections,
          cost: { ...section, condition: "warning", sentence: "80 % of the budget." },
        },
      },
      "warning: Nothing is measured yet: no requests. 80 % of the budget",
    ],
    [
      "an alert that fires although nothing is wrong at this moment",
      {
        alerts: [
          alert("store:upstash", "ticket", { sentence: "The primary store upstash fails (timeout)." }),
        ],
      },
      "warning: Alert since 14:48 UTC: The primary store upstash fails (timeout). It answers again, and the alert ends soon",
    ],
    [
      "an alert that a person knows of: no better, and no longer news",
      { alerts: [alert("log", "ticket", byAda)] },
      "warning: Alert since 14:48 UTC: The alert log; acknowledged by Ada at 14:52 UTC: mends the token",
    ],
    [
      "a breach that a person knows of",
      {
        objectives: [objective("errors", { state: "breached", since: at(14, 2) })],
        alerts: [alert("objective:errors", "page", byAda)],
      },
      "bad: Error rate above objective since 14:02 UTC; acknowledged by Ada at 14:52 UTC: mends the token",
    ],
    [
      "what nobody knows of before what somebody does, as bad as the worse of them",
      {
        objectives: [objective("errors", { state: "breached", since: at(14, 2) })],
        alerts: [alert("objective:errors", "page", byAda), alert("log", "ticket")],
      },
      "bad: Alert since 14:48 UTC: The alert log. Another alert is acknowledged",
    ],
    [
      "a failing store that a person knows of, and a breach that nobody does",
      {
        stores: [store("upstash", "primary", Date.parse(at(14, 0))), store("chroma", "secondary")],
        objectives: [objective("p99", { state: "breached", since: at(14, 2) })],
        alerts: [alert("store:upstash", "page", byAda), alert("objective:p99", "page")],
      },
      "bad: upstash takes too long to answer since 14:00 UTC: no store answers questions. 99th percentile of latency above objective. Another alert is acknowledged",
    ],
    ["the second store answers", { reading: "chroma" }, "warning: All objectives hold, reading from chroma"],
    [
      "no requests since the afternoon",
      { objectives: [objective("errors", { state: "stale", time: at(12, 5) })] },
      "unknown: No requests since 12:05 UTC: the objectives are not measured",
    ],
    [
      "too few requests",
      { objectives: [objective("errors", { state: "unknown", requests: 3 })] },
      "unknown: Too few requests to judge: 3 of 20 within an hour",
    ],
  ])("the state is one sentence: %s", (_, change, expected) => {
    const { condition, sentence } = summarize({ ...calm, ...change });
    expect(`${condition}: ${sentence}`).toBe(expected);
  });
});
