import type { Alert } from "../../state/alerts.ts";
import { objectiveWords } from "../objectives/describe.ts";
import { fewestBadRequests } from "../objectives/targets.ts";
import { figureText } from "../report/figures.ts";
import { failureWords } from "./failure-words.ts";
import type { Condition, Objective, SectionName, StatusSection, StoreStatus } from "./status.ts";

export interface Situation {
  readonly objectives: readonly Objective[];
  readonly stores: readonly (StoreStatus & { readonly failingSince: number | undefined })[];
  readonly sections: Readonly<Record<SectionName, StatusSection>>;
  /** The store that answered last. */
  readonly reading: string | undefined;
  /** Whether questions fail, because no store answers them. */
  readonly isUnanswered: boolean;
  /** Since when the state store cannot be used, epoch milliseconds, and why; `undefined` if it can. */
  readonly stateFault: { readonly since: number; readonly problem: string } | undefined;
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

/** That nothing is breached; with what misses its target all the same. */
function holding({ objectives }: Situation): string {
  const missed = objectives.filter(({ standing }) => standing === "missed" || standing === "recovered");
  if (missed.length === 0) return allHold;
  const figures = missed.map(missedText);
  return `No alert on an objective, and not all hold: ${figures.join(", ")}`;
}

function missedText({ name, standing, value, windows, calmSince }: Objective): string {
  const { title, unit } = objectiveWords[name];
  const minutes = windows[0]?.minutes;
  const span = minutes === undefined ? "" : ` over ${minutes} min`;
  const end =
    standing === "recovered" && calmSince !== null ? `, good again since ${clockText(calmSince)}` : "";
  return `${title} ${figureText({ unit }, value ?? undefined)}${span}${end}`;
}

/** `14:06 UTC` */
function clockText(iso: string): string {
  return `${iso.slice(11, 16)} UTC`;
}

/** From the best to the worst. */
const severities: readonly Condition[] = ["good", "unknown", "warning", "bad"];

/**
 * Whether everything is all right, and if not, what is wrong since when: the worst first, in one sentence. What
 * nobody has acknowledged comes before what somebody has; that it is known makes nothing better.
 */
export function summarize(situation: Situation): Summary {
  const known = situation.alerts.filter(({ acknowledgement }) => acknowledgement !== undefined);
  const whole = worst(situation);
  if (known.length === 0) return whole;
  const unseen = worst(withoutKnown(situation, known));
  const isUnseen = unseen.condition === "bad" || unseen.condition === "warning";
  if (!isUnseen) return { ...whole, sentence: `${whole.sentence}; ${acknowledgedBy(known, situation.now)}` };
  const isWorse = severities.indexOf(whole.condition) > severities.indexOf(unseen.condition);
  return {
    condition: isWorse ? whole.condition : unseen.condition,
    sentence: `${unseen.sentence}. ${known.length === 1 ? "Another alert is" : `${known.length} other alerts are`} acknowledged`,
    since: earliest(whole.since, unseen.since),
  };
}

/** The part of the status that shows the condition of an alert. */
const sectionsOfAlerts: Readonly<Record<string, SectionName>> = {
  budget: "cost",
  drift: "integrity",
  "cutover:rollback": "cutover",
};

/** A situation as if what people know of were all right. */
function withoutKnown(situation: Situation, known: readonly Alert[]): Situation {
  const keys = new Set(known.map(({ key }) => key));
  const sections = { ...situation.sections };
  for (const [key, name] of Object.entries(sectionsOfAlerts)) {
    if (keys.has(key)) sections[name] = { ...sections[name], condition: "good" };
  }
  const objectives = situation.objectives.map((each) =>
    keys.has(`objective:${each.name}`)
      ? ({ ...each, state: "met", standing: "met", budget: null } as const)
      : each,
  );
  // A known cause stays the cause of a breach that nobody knows of.
  const isCause = objectives.some(({ state }) => state === "breached");
  return {
    ...situation,
    objectives,
    stores: situation.stores.map((each) =>
      keys.has(`store:${each.name}`) && !isCause ? { ...each, failingSince: undefined } : each,
    ),
    sections,
    stateFault: keys.has("state") ? undefined : situation.stateFault,
    alerts: situation.alerts.filter((alert) => !known.includes(alert)),
  };
}

/** `acknowledged by Ada at 11:02 UTC: she mends the token`: the last of them. */
function acknowledgedBy(known: readonly Alert[], now: number): string {
  const all = known.flatMap(({ acknowledgement }) => acknowledgement ?? []);
  const { at, by, text } = all.reduce((last, each) => (each.at > last.at ? each : last));
  return `acknowledged by ${by} at ${timeText(at, now)}${text === "" ? "" : `: ${withoutStop(text)}`}`;
}

function worst(situation: Situation): Summary {
  return (
    breaches(situation) ??
    failures(situation) ??
    warnings(situation) ??
    unknowns(situation) ?? { condition: "good", sentence: holding(situation), since: undefined }
  );
}

function breaches(situation: Situation): Summary | undefined {
  const { now } = situation;
  const breached = situation.objectives
    .filter(({ state }) => state === "breached")
    .sort((left, right) => rank(left) - rank(right));
  if (breached.length === 0) return undefined;
  const starts = breached.flatMap(({ since }) => (since === null ? [] : [Date.parse(since)]));
  const begin = starts.length === 0 ? undefined : Math.min(...starts);
  const [first = "", ...others] = breached.map(({ name }) => objectiveWords[name].breach);
  const what = [first, ...others.map(lowered)].join(", ");
  const cause = causeOf(situation);
  const since = earliest(begin, cause?.since);
  if (cause !== undefined) {
    return { condition: "bad", sentence: `${cause.sentence}. ${what}`, since };
  }
  const end = endOf(breached, now);
  // A breach that goes on is said in the present, one whose cause is over in the past.
  const breach =
    end === undefined
      ? `${what}${sinceTime(begin, now)}`
      : `${what.replace(/ (above|below) objective/g, " was $1 objective")}${sinceTime(begin, now).replace("since", "from")}`;
  return {
    condition: end === undefined ? "bad" : "warning",
    sentence: `${breach}${readingFrom(situation)}${pastCause(situation, begin)}${end ?? ""}`,
    since,
  };
}

/** What the service knows to be wrong now, for which the objectives only show the effect. */
function causeOf(situation: Situation): { sentence: string; since: number | undefined } | undefined {
  const { stores, sections, now } = situation;
  const store = stores.find(({ role, failingSince }) => role === "primary" && failingSince !== undefined);
  if (store !== undefined) {
    const isAnswered = situation.reading !== undefined && situation.reading !== store.name;
    const effect = isAnswered ? readingFrom(situation) : ": no store answers questions";
    return { sentence: `${failingSentence(store, now)}${effect}`, since: store.failingSince };
  }
  const { condition, sentence, since } = sections.cutover;
  if (condition !== "bad") return undefined;
  return { sentence: withoutStop(sentence), since: since === undefined ? undefined : Date.parse(since) };
}

/** A store that failed shortly before or during a breach, and answers again. */
function pastCause({ stores, now }: Situation, begin: number | undefined): string {
  const store = stores.find(
    ({ role, lastFailure }) =>
      role === "primary" &&
      lastFailure !== null &&
      Date.parse(lastFailure.time) >= (begin ?? now) - causeLeadMs,
  );
  if (!store?.lastFailure) return "";
  const { time, what } = store.lastFailure;
  return `: ${store.name} ${what} until ${timeText(Date.parse(time), now)}`;
}

/** Milliseconds before the begin of a breach in which a failure may have caused it: the shortest window of a rule. */
const causeLeadMs = 300_000;

/** Since when no request is bad, and when the alerts end; `undefined` while some are. */
function endOf(breached: readonly Objective[], now: number): string | undefined {
  const calms = breached.map(({ calmSince }) => calmSince);
  const ends = breached.map(({ endsBy }) => endsBy);
  if (calms.includes(null) || ends.includes(null)) return undefined;
  const latest = (times: readonly (string | null)[]) =>
    Math.max(...times.map((time) => Date.parse(`${time}`)));
  const bad = breached.every(({ name }) => name === "p99") ? "slow" : "failed";
  return `. No ${bad} request since ${timeText(latest(calms), now)}; the alert ends by ${timeText(latest(ends), now)}`;
}

/** Failures weigh more than slowness. */
function rank({ name }: Objective): number {
  return ["errors", "availability", "p99", "average"].indexOf(name);
}

/** Something is broken, and users do not notice it yet. */
function failures(situation: Situation): Summary | undefined {
  const { stores, stateFault, now } = situation;
  const store = stores.find(({ failingSince }) => failingSince !== undefined);
  if (store !== undefined) {
    return {
      condition: store.role === "primary" ? "bad" : "warning",
      sentence: `${failingSentence(store, now)}${readingFrom(situation)}`,
      since: store.failingSince,
    };
  }
  if (stateFault !== undefined) {
    return {
      condition: "bad",
      sentence: `The state store cannot be used${sinceTime(stateFault.since, now)}: ${stateFault.problem}; questions are answered, and measures are of this process alone`,
      since: stateFault.since,
    };
  }
  return sectionSummary(situation, "bad");
}

function warnings(situation: Situation): Summary | undefined {
  const { alerts, stores, now } = situation;
  const alert = alerts.find(({ severity }) => severity === "page") ?? alerts[0];
  if (alert !== undefined) {
    return {
      condition: alert.severity === "page" ? "bad" : "warning",
      sentence: `Alert${sinceTime(alert.startedAt, now)}: ${withoutStop(alert.sentence)}${answersAgain(alert, situation)}`,
      since: alert.startedAt,
    };
  }
  const used = usedBudgets(situation);
  if (used !== undefined) {
    return { condition: "warning", sentence: `${used}${readingFrom(situation)}`, since: undefined };
  }
  const isSecondary = stores.some(({ name, role }) => role === "secondary" && name === situation.reading);
  // A single bad request is no trend.
  const isMissed = situation.objectives.some(
    ({ standing, windows }) =>
      (standing === "missed" || standing === "recovered") &&
      (windows[0]?.bad ?? fewestBadRequests) >= fewestBadRequests,
  );
  if (isSecondary || isMissed) {
    return {
      condition: "warning",
      sentence: `${objectivesSentence(situation)}${readingFrom(situation)}`,
      since: undefined,
    };
  }
  return sectionSummary(situation, "warning");
}

/** The alert of a store that answers ends a little later, so that it does not flap. */
function answersAgain({ key }: Alert, { stores }: Situation): string {
  const store = stores.find(({ name }) => key === `store:${name}`);
  const answers = store?.condition === "good" && store.failingSince === undefined;
  return answers ? ". It answers again, and the alert ends soon" : "";
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
  const joined = unmeasured
    ? `${unmeasured.sentence}. ${sentence}`
    : `${holding(situation)}, but: ${sentence}`;
  return {
    condition,
    sentence: condition === "bad" ? sentence : joined,
    since: section.since === undefined ? undefined : Date.parse(section.since),
  };
}

/** Without a breach: that they hold, or why that is not known. */
function objectivesSentence(situation: Situation): string {
  return unknowns(situation)?.sentence ?? holding(situation);
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

function readingFrom({ stores, reading, isUnanswered }: Situation): string {
  if (isUnanswered) return ": no store answers questions";
  const isSecondary = stores.some(({ name, role }) => role === "secondary" && name === reading);
  return isSecondary ? `, reading from ${reading}` : "";
}

function failingSentence(
  { name, failingSince, lastFailure }: Situation["stores"][number],
  now: number,
): string {
  return `${name} ${failureWords(lastFailure?.error, "present")}${sinceTime(failingSince, now)}`;
}

function sinceTime(since: number | undefined, now: number): string {
  return since === undefined ? "" : ` since ${timeText(since, now)}`;
}

/** The time of day in UTC; with the date if it is another day. */
function timeText(at: number, now: number): string {
  const [day = "", time = ""] = new Date(at).toISOString().split("T");
  const isToday = new Date(now).toISOString().startsWith(day);
  return `${isToday ? "" : `${day} `}${time.slice(0, 5)} UTC`;
}

function earliest(...times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

function lowered(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, "");
}
