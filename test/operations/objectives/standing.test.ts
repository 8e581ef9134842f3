import { expect, it } from "vitest";
import { standingOf } from "../../../src/operations/objectives/standing.ts";
import type { Objective } from "../../../src/operations/status/status.ts";

const availability: Omit<Objective, "standing"> = {
  name: "availability",
  title: "Availability",
  unit: "ratio",
  comparison: "at least",
  target: 0.999,
  state: "met",
  since: null,
  calmSince: null,
  endsBy: null,
  value: 1,
  requests: 300,
  minimumRequests: 20,
  windows: [],
  budget: null,
  time: null,
  isStale: false,
};

it.each<[string, Partial<Objective>]>([
  ["met", {}],
  ["met", { value: 0.999 }],
  ["missed", { value: 0.897 }],
  ["recovered", { value: 0.897, calmSince: "2026-06-10T14:06:00Z" }],
  ["budget used", { value: 0.897, budget: { days: 30, remaining: -0.2, requests: 300 } }],
  ["breached", { state: "breached", value: 0.897, calmSince: "2026-06-10T14:06:00Z" }],
  ["recovering", { state: "breached", calmSince: "2026-06-10T14:06:00Z" }],
  ["stale", { state: "stale", value: 0.897 }],
])("an objective stands as %s: %o", (standing, change) => {
  expect(standingOf({ ...availability, ...change })).toBe(standing);
});
