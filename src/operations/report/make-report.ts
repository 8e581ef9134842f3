import type { EvaluationReport } from "../../evaluation/index.ts";
import { priceOfRequests } from "../../pricing/plan-cost.ts";
import type { Plan } from "../../pricing/prices.ts";
import { AccuracyRepository } from "../../state/accuracy.ts";
import { type Alert, listAlerts } from "../../state/alerts.ts";
import { CostCounterRepository } from "../../state/cost-counters.ts";
import type { StateDatabase } from "../../state/database.ts";
import { DriftRepository } from "../../state/drift.ts";
import { FeedbackRepository } from "../../state/feedback.ts";
import { type Incident, listIncidents } from "../../state/incidents.ts";
import { type Budget, totalOf } from "../cost/budget.ts";
import { liveCost, monthSpan, sumBy, useOf } from "../cost/live-cost.ts";
import { satisfactionOf } from "../feedback/satisfaction.ts";
import { readHistory } from "../metrics/history.ts";
import type { ObjectiveTargets } from "../objectives/targets.ts";
import { accuracyPart } from "./accuracy-part.ts";
import { objectivesPart, stepOf } from "./objectives-part.ts";
import type {
  AccuracyPart,
  CostPart,
  IncidentRow,
  IncidentsPart,
  ObjectivesPart,
  Part,
  Report,
  SatisfactionPart,
} from "./report.ts";
import { verdictOf } from "./verdict.ts";

export interface ReportOptions {
  readonly state: StateDatabase;
  /** Milliseconds since 1970, the end not included. */
  readonly span: { readonly from: number; readonly to: number };
  readonly now: number;
  readonly version: string;
  /** The store that answers, with its address. */
  readonly place: string;
  readonly targets: ObjectiveTargets;
  readonly plan: Plan;
  readonly pricesOf: string;
  readonly budget: Budget | undefined;
  /** Measured and kept just now, or why it was not. */
  readonly accuracy: { readonly report: EvaluationReport } | { readonly reason: string };
}

const dayMs = 86_400_000;
const mostComments = 8;
const mostIncidents = 100;

/**
 * Makes the report of a span of time from what the service has recorded (OPS-5). A part without records is reported as
 * missing, never as good.
 *
 * @throws {StateError}
 */
export async function makeReport(options: ReportOptions): Promise<Report> {
  const { span, now, version, place } = options;
  const objectives = await objectivesOf(options);
  const parts = {
    accuracy: await accuracyOf(options),
    objectives,
    cost: await costPart(options),
    satisfaction: await satisfactionPart(options),
    incidents: await incidentsPart(options, objectives),
    drift: await driftPart(options),
  };
  return {
    from: iso(span.from),
    to: iso(span.to),
    generatedAt: iso(now),
    version,
    place,
    ...verdictOf(parts),
    ...parts,
  };
}

function missing(reason: string, remedy: string): { state: "missing"; reason: string; remedy: string } {
  return { state: "missing", reason, remedy };
}

async function accuracyOf({ accuracy, state, span, now }: ReportOptions): Promise<Part<AccuracyPart>> {
  const runs = await new AccuracyRepository(state).list({ from: span.from, to: now + 1 });
  const value = accuracyPart(runs, "report" in accuracy ? accuracy.report : undefined);
  if (value !== undefined) return { state: "measured", value };
  return missing("reason" in accuracy ? accuracy.reason : "no run was kept", "ragfood report");
}

/** The span before, equally long. */
function before({ from, to }: ReportOptions["span"]): ReportOptions["span"] {
  return { from: from - (to - from), to: from };
}

/** The objectives over a span. @throws {StateError} */
export async function objectivesOf({
  state,
  span,
  now,
  targets,
}: Pick<ReportOptions, "state" | "span" | "now" | "targets">): Promise<Part<ObjectivesPart>> {
  const stepMs = stepOf(span, now);
  const read = ({ from, to }: ReportOptions["span"]) =>
    readHistory(state, { fromMs: from, toMs: Math.min(to, now), stepMs });
  return objectivesPart({ points: await read(span), stepMs }, await read(before(span)), targets);
}

async function costPart(options: ReportOptions): Promise<Part<CostPart>> {
  const { state, span, now, plan, pricesOf, budget } = options;
  const repository = new CostCounterRepository(state);
  const days = daysOf(span);
  const daysBefore = daysOf(before(span)).filter((day) => !days.includes(day));
  const list = (list: readonly string[]) =>
    list.length === 0 ? [] : repository.list({ from: list[0] as string, to: list.at(-1) as string });
  const counts = (await list(days)).filter(({ requests: billed }) => billed > 0);
  if (counts.length === 0) {
    return missing("no request to Upstash was billed on these days", "ragfood cost --live");
  }
  const requests = totalOf(counts);
  const month = await repository.list(monthSpan(now));
  return {
    state: "measured",
    value: {
      plan: plan.name,
      pricesOf,
      requests,
      byKind: sumBy(counts, "kind"),
      dollars: priceOfRequests(plan, requests),
      previousRequests: totalOf(await list(daysBefore)),
      days: days.map((day) => ({ day, ...useOf(counts.filter((count) => count.day === day)) })),
      budget: liveCost(month, plan, pricesOf, budget, now).budget,
    },
  };
}

/** Days in UTC that a span touches, as `YYYY-MM-DD`. */
function daysOf({ from, to }: ReportOptions["span"]): string[] {
  const days: string[] = [];
  for (let day = Math.floor(from / dayMs) * dayMs; day < to; day += dayMs) days.push(iso(day).slice(0, 10));
  return days;
}

/** What users think of the answers of a span. @throws {StateError} */
export async function satisfactionPart({
  state,
  span,
}: Pick<ReportOptions, "state" | "span">): Promise<Part<SatisfactionPart>> {
  const repository = new FeedbackRepository(state);
  const satisfaction = satisfactionOf(await repository.byDay(span));
  if (satisfaction.share === undefined)
    return missing("there are no votes of this time", "POST /api/feedback");
  const commented = (await repository.list({ ...span, limit: 1_000 })).flatMap(
    ({ vote, createdAt, question, comment }) =>
      comment === undefined ? [] : [{ vote, time: iso(createdAt), question, comment }],
  );
  return {
    state: "measured",
    value: {
      ...satisfaction,
      days: daysOf(span).map(
        (day) => satisfaction.days.find((one) => one.day === day) ?? { day, up: 0, down: 0 },
      ),
      previousShare: satisfactionOf(await repository.byDay(before(span))).share,
      comments: commented.slice(0, mostComments),
    },
  };
}

/** Without measurements, the absence of incidents proves nothing. */
async function incidentsPart(
  { state, span }: ReportOptions,
  objectives: Part<ObjectivesPart>,
): Promise<Part<IncidentsPart>> {
  const query = { fromMs: span.from, toMs: span.to, limit: mostIncidents };
  const { incidents, alerts } = await state.transaction(
    async (session) => {
      const found = await listIncidents(session, query);
      const alone = (await listAlerts(session, query)).filter((alert) => !isReported(alert, found));
      return { incidents: found.map(incidentRow), alerts: alone.map(alertRow) };
    },
    { readOnly: true },
  );
  if (objectives.state === "missing" && incidents.length + alerts.length === 0)
    return missing("nothing watched the service in this time", "ragfood serve");
  return { state: "measured", value: { incidents, alerts } };
}

/** Whether an incident tells the same: it opened while the alert fired. */
function isReported(
  { key, startedAt, recoveredAt = Number.POSITIVE_INFINITY }: Alert,
  incidents: Incident[],
): boolean {
  const kind = key === "cutover:rollback" ? "rollback" : `alert:${key}`;
  return incidents.some(
    (incident) =>
      incident.kind === kind &&
      incident.openedAt <= recoveredAt &&
      (incident.closedAt ?? Number.POSITIVE_INFINITY) >= startedAt,
  );
}

function incidentRow({ kind, title, openedAt, closedAt }: Incident): IncidentRow {
  return { kind, title, begin: iso(openedAt), end: closedAt === undefined ? undefined : iso(closedAt) };
}

function alertRow({ key, sentence, startedAt, recoveredAt }: Alert): IncidentRow {
  return {
    kind: key,
    title: sentence,
    begin: iso(startedAt),
    end: recoveredAt === undefined ? undefined : iso(recoveredAt),
  };
}

async function driftPart({ state, span }: ReportOptions): Promise<Report["drift"]> {
  const checks = await new DriftRepository(state).checks(span);
  return checks.length === 0
    ? missing("the embedding model was not checked in this time", "ragfood drift")
    : { state: "measured", value: checks };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
