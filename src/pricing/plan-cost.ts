import { bytesPerGigabyte, type Plan, type PlanLimits } from "./prices.ts";

/** What an index holds. */
export interface Holding {
  readonly recordCount: number;
  readonly dimension: number;
  readonly namespaceCount: number;
  /** UTF-8 bytes of texts and of metadata as JSON. */
  readonly contentBytes: number;
  /** Bytes of the vectors as float32. */
  readonly vectorBytes: number;
}

/** Requests as Upstash bills them, and the bytes that they move, in a day. */
export interface Traffic {
  /** Queries, fetches and pages of ranges. */
  readonly queries: number;
  /** Records upserted or deleted: each counts. */
  readonly updates: number;
  /** Bytes of requests and answers. */
  readonly bytes: number;
}

/** US dollars a month, without tax. */
export interface MonthlyPrice {
  readonly plan: number;
  readonly requests: number;
  readonly storage: number;
  readonly bandwidth: number;
  readonly total: number;
}

/** A limit of a plan that a holding or its traffic exceeds. */
export interface Breach {
  readonly limit: keyof PlanLimits;
  readonly value: number;
  readonly maximum: number;
}

export const daysPerMonth = 30;

const limitTitles: Readonly<Record<keyof PlanLimits, string>> = {
  components: "records times dimension",
  dimension: "dimensions",
  namespaces: "namespaces",
  contentBytes: "bytes of texts and metadata",
  dailyQueries: "queries a day",
  dailyUpdates: "updates a day",
};

/** What requests cost, in US dollars; `undefined` if the plan is negotiated. */
export function priceOfRequests({ month, per100000Requests }: Plan, count: number): number | undefined {
  return month === undefined ? undefined : (count / 100_000) * per100000Requests;
}

/** What was used in a month, or in a part of it. */
export interface Use {
  /** As they are billed. */
  readonly requests: number;
  /** Bytes that are stored, times the days for which they are. */
  readonly storedByteDays: number;
  /** Bytes of requests and answers. */
  readonly movedBytes: number;
}

/** The price of a month of 30 days; `undefined` if the plan is negotiated. */
export function monthlyPrice(plan: Plan, holding: Holding, traffic: Traffic): MonthlyPrice | undefined {
  return priceOfUse(plan, {
    requests: daysPerMonth * (traffic.queries + traffic.updates),
    storedByteDays: daysPerMonth * (holding.contentBytes + holding.vectorBytes),
    movedBytes: daysPerMonth * traffic.bytes,
  });
}

/** The price of what was used in one month; `undefined` if the plan is negotiated. */
export function priceOfUse(plan: Plan, use: Use): MonthlyPrice | undefined {
  const requests = priceOfRequests(plan, use.requests);
  if (plan.month === undefined || requests === undefined) return undefined;
  const { freeGigabytesMonth, perGigabyte } = plan.bandwidth;
  const moved = use.movedBytes / bytesPerGigabyte;
  const stored = use.storedByteDays / daysPerMonth / bytesPerGigabyte;
  const storage = stored * plan.perGigabyteMonth;
  const bandwidth = perGigabyte === 0 ? 0 : Math.max(0, moved - freeGigabytesMonth) * perGigabyte;
  return {
    plan: plan.month,
    requests,
    storage,
    bandwidth,
    total: plan.month + requests + storage + bandwidth,
  };
}

/** The values that the limits of a plan are about. */
export function valuesOf(holding: Holding, traffic: Traffic): Readonly<Record<keyof PlanLimits, number>> {
  return {
    components: holding.recordCount * holding.dimension,
    dimension: holding.dimension,
    namespaces: holding.namespaceCount,
    contentBytes: holding.contentBytes,
    dailyQueries: traffic.queries,
    dailyUpdates: traffic.updates,
  };
}

const noTraffic: Traffic = { queries: 0, updates: 0, bytes: 0 };

/** The limits of a plan that are exceeded. */
export function breachesOf({ limits }: Plan, holding: Holding, traffic: Traffic = noTraffic): Breach[] {
  const values = valuesOf(holding, traffic);
  return (Object.keys(values) as (keyof PlanLimits)[])
    .map((limit) => ({ limit, value: values[limit], maximum: limits[limit] }))
    .filter(({ value, maximum }) => value > maximum);
}

/** `1,537 dimensions, of 1,536` */
export function describeBreach({ limit, value, maximum }: Breach): string {
  const number = (amount: number) => amount.toLocaleString("en", { maximumFractionDigits: 0 });
  return `${number(value)} ${limitTitles[limit]}, of ${number(maximum)}`;
}

export function titleOf(limit: keyof PlanLimits): string {
  return limitTitles[limit];
}
