import type { Alert } from "../../state/alerts.ts";
import { objectiveWords } from "../objectives/describe.ts";
import type { Condition, Objective, SectionName, StatusSection, StoreStatus } from "./status.ts";

export interface Situation {
  readonly objectives: readonly Objective[];
  readonly stores: readonly (StoreStatus & { readonly failingSince: number | undefined })[];
  readonly sections: Readonly<Record<SectionName, StatusSection>>;
  /** The store that answered last. */
  readonly reading: string | undefined;
  /** Since when the state store cannot be used, epoch milliseconds. */
  readonly stateFailingSince: number | undefined;
  readonly alerts: readonly Alert[];
  readonly now: number;
}

export interface Summary {
  readonly condition: Condition;
  readonly sentence: string;
  /** Epoch milliseconds. */
  readonly since: number | undefined;
}

const allHold = "All objectives hold";

/** Whether everything is all right, and if not, what is wrong since when: the worst first, in one sentence. */
export function summarize(situation: Situation): Summary {
  return (
    breaches(situation) ??
    failures(situation) ??
    warnings(situation) ??
    unknowns(situation) ?? { condition: "good", sentence: allHold, since: undefined }
  );
}

function breaches(situation: Situation): Summary | undefined {
  const breached = situation.objectives.filter(({ state }) => state === "breached");
  if (breached.length === 0) return undefined;
  const starts = breached.flatMap(({ since }) => (since === null ? [] : [Date.parse(since)]));
  const since = starts.length === 0 ? undefined : Math.min(...starts);
  const [first = "", ...others] = breached
    .sort((left, right) => rank(left) - rank(right))
    .map(({ name }) => objectiveWords[name].breach);
  const more = others.map((text) => text.charAt(0).toLowerCase() + text.slice(1));
  const what = [first, ...more].join(", ");
  return {
    condition: "bad",
    sentence: `${what}${sinceTime(since, situation.now)}${readingFrom(situation)}`,
    since,
  };
}

/** Failures weigh more than slowness. */
function rank({ name }: Objective): number {
  return ["errors", "availability", "p99", "average"].indexOf(name);
}

/** Something is broken, and users do not notice it yet. */
function failures(situation: Situation): Summary | undefined {
  const { stores, stateFailingSince, now } = situation;
  const store = stores.find(({ failingSince }) => failingSince !== undefined);
  if (store !== undefined) {
    const { name, failingSince: since, lastFailure } = store;
    const why = lastFailure === null ? "" : ` (${lastFailure.error})`;
    return {
      condition: store.role === "primary" ? "bad" : "warning",
      sentence: `${name} fails${sinceTime(since, now)}${why}${readingFrom(situation)}`,
      since,
    };
  }
  if (stateFailingSince !== undefined) {
    return {
      condition: "bad",
      sentence: `The state store cannot be used${sinceTime(stateFailingSince, now)}; questions are answered, and measures are of this process alone`,
      since: stateFailingSince,
    };
  }
  return sectionSummary(situation, "bad");
}

function warnings(situation: Situation): Summary | undefined {
  const { alerts, stores, now } = situation;
  const [alert] = alerts;
  if (alert !== undefined) {
    return {
      condition: alert.severity === "page" ? "bad" : "warning",
      sentence: `Alert${sinceTime(alert.startedAt, now)}: ${withoutStop(alert.sentence)}`,
      since: alert.startedAt,
    };
  }
  const used = usedBudgets(situation);
  if (used !== undefined) {
    return { condition: "warning", sentence: `${used}${readingFrom(situation)}`, since: undefined };
  }
  const isSecondary = stores.some(({ name, role }) => role === "secondary" && name === situation.reading);
  if (isSecondary) {
    return {
      condition: "warning",
      sentence: `${objectivesSentence(situation)}${readingFrom(situation)}`,
      since: undefined,
    };
  }
  return sectionSummary(situation, "warning");
}

/** Objectives that nothing breaches now, and that do not hold over the days of their budgets. */
function usedBudgets({ objectives }: Situation): string | undefined {
  const used = objectives.filter(({ budget }) => budget !== null && budget.remaining <= 0);
  const [first] = used;
  if (first === undefined) return undefined;
  const titles = used.sort((left, right) => rank(left) - rank(right)).map(({ title }) => title);
  return `The error budget of ${first.budget?.days} days is used up: ${titles.join(", ")}`;
}

function sectionSummary(situation: Situation, condition: "bad" | "warning"): Summary | undefined {
  const section = Object.values(situation.sections).find((each) => each.condition === condition);
  if (section === undefined) return undefined;
  const sentence = withoutStop(section.sentence);
  const unmeasured = unknowns(situation);
  const joined = unmeasured ? `${unmeasured.sentence}. ${sentence}` : `${allHold}, but: ${sentence}`;
  return { condition, sentence: condition === "bad" ? sentence : joined, since: undefined };
}

/** Without a breach: that they hold, or why that is not known. */
function objectivesSentence(situation: Situation): string {
  return unknowns(situation)?.sentence ?? allHold;
}

function unknowns({ objectives, now }: Situation): Summary | undefined {
  const stale = objectives.find(({ state }) => state === "stale");
  if (stale !== undefined) {
    const last = stale.time === null ? undefined : Date.parse(stale.time);
    return {
      condition: "unknown",
      sentence: `No requests${sinceTime(last, now)}: the objectives are not measured`,
      since: last,
    };
  }
  const unknown = objectives.find(({ state }) => state === "unknown");
  if (unknown === undefined) return undefined;
  const { requests, minimumRequests } = unknown;
  return {
    condition: "unknown",
    sentence:
      requests === 0
        ? "Nothing is measured yet: no requests"
        : `Too few requests to judge: ${requests} of ${minimumRequests} within an hour`,
    since: undefined,
  };
}

function readingFrom({ stores, reading }: Situation): string {
  const isSecondary = stores.some(({ name, role }) => role === "secondary" && name === reading);
  return isSecondary ? `, reading from ${reading}` : "";
}

/** The time of day in UTC; with the date if it was another day. */
function sinceTime(since: number | undefined, now: number): string {
  if (since === undefined) return "";
  const [day = "", time = ""] = new Date(since).toISOString().split("T");
  const isToday = new Date(now).toISOString().startsWith(day);
  return ` since ${isToday ? "" : `${day} `}${time.slice(0, 5)} UTC`;
}

function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, "");
}
