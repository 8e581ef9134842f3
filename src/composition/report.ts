import { fileURLToPath } from "node:url";
import { shippedFoods } from "../config/groups/project.ts";
import type { Settings } from "../config/settings.ts";
import { type EvaluationReport, evaluate, type JudgedQuery } from "../evaluation/index.ts";
import { describeFailure } from "../foundation/describe-failure.ts";
import { RagfoodError } from "../foundation/errors.ts";
import { makeReport } from "../operations/report/make-report.ts";
import type { Report } from "../operations/report/report.ts";
import type { StateDatabase } from "../state/database.ts";
import { keepAccuracy } from "./accuracy.ts";
import { type Application, missingIndex } from "./application.ts";
import { pricesOf } from "./cost-control.ts";

/** Golden queries on the shipped foods. */
export const shippedQueries: string = fileURLToPath(
  new URL("../../data/golden-queries.json", import.meta.url),
);

export interface CreateReportOptions {
  readonly settings: Settings;
  readonly state: StateDatabase;
  /** Milliseconds since 1970, the end not included. */
  readonly span: { readonly from: number; readonly to: number };
  readonly version: string;
  /** Measures the accuracy now; `undefined` leaves it out. */
  readonly accuracy?: {
    readonly open: () => Application;
    readonly queries: readonly JudgedQuery[];
    /** The queries are those of the shipped foods. */
    readonly areShipped: boolean;
  };
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes the report of a span of time; it asks the golden queries now, unless they are left out.
 * @throws {StateError}
 * @throws {CancelledError}
 */
export async function createReport(options: CreateReportOptions): Promise<Report> {
  const { settings, state, span, version } = options;
  const { plan, date } = pricesOf(settings);
  return await makeReport({
    state,
    span,
    version,
    place: placeOf(settings),
    targets: settings.objectives,
    plan,
    pricesOf: date,
    budget: settings.budget,
    accuracy: await measure(options),
    // After the golden queries were asked.
    now: Date.now(),
  });
}

function placeOf({ store, upstash, directory, chroma }: Settings): string {
  if (store === "chroma") return `chroma, ${chroma.url} ${chroma.collection}`;
  return store === "upstash" && upstash ? `upstash, ${upstash.url}` : `embedded, ${directory}`;
}

type Accuracy = { readonly report: EvaluationReport } | { readonly reason: string };

/** A failure makes the accuracy missing, and not the report. */
async function measure(options: CreateReportOptions): Promise<Accuracy> {
  const { settings, state, accuracy, onProgress, signal } = options;
  if (accuracy === undefined) return { reason: "the golden queries were not asked" };
  if (accuracy.areShipped && settings.dataFile !== shippedFoods)
    return {
      reason: "the golden queries that come with ragfood are about its own foods, and JSON_FILE names others",
    };
  const missing = missingIndex(settings);
  if (missing !== undefined) return { reason: `there is no index at ${missing}` };
  const application = accuracy.open();
  try {
    const { engine, store } = application;
    const searcher = {
      name: store.name,
      query: (
        { text, ...query }: { readonly text: string; readonly topK: number },
        call: { readonly signal?: AbortSignal | undefined },
      ) => engine.retrieve(text, { ...query, ...call }),
    };
    const report = await evaluate(searcher, accuracy.queries, {
      namespace: settings.namespace,
      ...(onProgress && { onProgress }),
      signal,
    });
    await keepAccuracy(state, accuracy.queries, report);
    return { report };
  } catch (error) {
    if (!(error instanceof RagfoodError) || error.code === "cancelled") throw error;
    return { reason: `the golden queries could not be asked: ${describeFailure(error)}` };
  } finally {
    await application.close();
  }
}
