import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readSettings } from "../../../src/config/settings.ts";
import { Latencies } from "../../../src/operations/metrics/latencies.ts";
import { reportHtml } from "../../../src/operations/report/html/report-html.ts";
import { makeReport, type ReportOptions } from "../../../src/operations/report/make-report.ts";
import { reportMarkdown } from "../../../src/operations/report/report-markdown.ts";
import { readPrices } from "../../../src/pricing/prices.ts";
import { AccuracyRepository, type AccuracyRun } from "../../../src/state/accuracy.ts";
import { fireAlert, recoverAlert } from "../../../src/state/alerts.ts";
import { CostCounterRepository } from "../../../src/state/cost-counters.ts";
import type { StateDatabase } from "../../../src/state/database.ts";
import { DriftRepository } from "../../../src/state/drift.ts";
import { FeedbackRepository } from "../../../src/state/feedback.ts";
import { openIncident } from "../../../src/state/incidents.ts";
import { writeMinutes } from "../../../src/state/metric-history.ts";
import { project } from "../../helpers/project.ts";
import { runHere } from "../../helpers/run-here.ts";
import { describeOnEachStore } from "../../state/contract.ts";

const { objectives } = readSettings({});

const hourMs = 3_600_000;
const now = Date.UTC(2026, 10, 30, 12);
const prices = readPrices();
const harmful = `<script>alert("1")</script>`;

function optionsOf(state: StateDatabase): ReportOptions {
  return {
    state,
    span: { from: now - 24 * hourMs, to: now },
    now,
    version: "1.2.3",
    place: "upstash, https://example.upstash.io",
    targets: objectives,
    plan: prices.upstash.plans.find(({ name }) => name === "pay-as-you-go")!,
    pricesOf: prices.date,
    budget: undefined,
    accuracy: { reason: "the golden queries were not asked" },
  };
}

/** Minutes of requests, each of which took as long. */
async function addRequests(
  state: StateDatabase,
  time: number,
  count: number,
  milliseconds: number,
  failed = 0,
) {
  const latencies = new Latencies();
  for (let request = 0; request < count; request++) latencies.record(milliseconds);
  const counters = { requests: count, failed, milliseconds: count * milliseconds };
  const bucket = { startMs: time, counters, latencies: { request: latencies.encode() } };
  await state.transaction((session) => writeMinutes(session, "r1", [bucket]));
}

describeOnEachStore("the report of a span of time (OPS-5)", (create) => {
  it("reports everything that was not measured as missing, with the command that provides it", async () => {
    const report = await makeReport(optionsOf(await create().open()));
    expect(report.condition).toBe("unknown");
    const { accuracy, objectives, cost, satisfaction, incidents, drift } = report;
    for (const part of [accuracy, objectives, cost, satisfaction, incidents, drift])
      expect(part).toMatchObject({ state: "missing", remedy: expect.stringMatching(/ragfood|POST/) });
    expect(report.sentences).toEqual([
      "Not known: objectives, incidents, drift of the model, cost, accuracy, satisfaction.",
    ]);
    expect(reportMarkdown(report)).toContain("**Not known:** nothing was measured in this time.");
    const html = reportHtml(report);
    expect(html.match(/>not known</g)).toHaveLength(8);
    expect(html).not.toContain(">met<");
  });

  it("judges the objectives over the span, and compares with the span before", async () => {
    const state = await create().open({ now: () => now });
    await addRequests(state, now - 3 * hourMs, 600, 100);
    await addRequests(state, now - 2 * hourMs, 400, 350, 2);
    await addRequests(state, now - 30 * hourMs, 50, 80);
    const report = await makeReport(optionsOf(state));
    if (report.objectives.state === "missing") throw new Error(report.objectives.reason);
    const { rows, requests, points } = report.objectives.value;
    expect(requests).toBe(1_000);
    expect(rows.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
      "average met",
      "p99 met",
      "availability missed",
      "errors missed",
    ]);
    expect(rows[0]).toMatchObject({ value: 200, previous: 80 });
    expect(rows[3]?.value).toBeCloseTo(0.002, 10);
    expect(points.filter(({ requests: count }) => count !== undefined)).toHaveLength(2);
    expect(report.condition).toBe("attention");
    expect(report.sentences[0]).toBe("Availability missed its objective: 99.8 %, not at least 99.9 %.");
  });

  it("calls an objective unknown with too few requests, and not met", async () => {
    const state = await create().open({ now: () => now });
    await addRequests(state, now - 2 * hourMs, 19, 100);
    const { objectives, sentences } = await makeReport(optionsOf(state));
    if (objectives.state === "missing") throw new Error(objectives.reason);
    expect(new Set(objectives.value.rows.map(({ outcome }) => outcome))).toEqual(new Set(["unknown"]));
    expect(sentences[0]).toContain("4 of 4 objectives");
  });

  it("holds cost, satisfaction, incidents and drift of the span alone", async () => {
    let clock = now - 48 * hourMs;
    const state = await create().open({ now: () => clock });
    const feedback = new FeedbackRepository(state);
    await feedback.vote({ answerId: "old", caller: "c", vote: "down" });
    clock = now - 5 * hourMs;
    await feedback.vote({ answerId: "a", caller: "c", vote: "up", comment: harmful, question: harmful });
    await new CostCounterRepository(state).add([
      { day: "2026-11-30", store: "upstash", kind: "upsert", requests: 100_000 },
      { day: "2026-11-30", store: "upstash", kind: "query", requests: 1_000 },
    ]);
    const alert = { key: "drift", severity: "ticket", sentence: harmful } as const;
    await state.transaction((session) => fireAlert(session, alert, false));
    // The incident tells the same.
    const rollback = { key: "cutover:rollback", severity: "page", sentence: "It rolls back" } as const;
    await state.transaction((session) => fireAlert(session, rollback, false));
    await state.transaction((session) => openIncident(session, { kind: "rollback", title: "Rolled back" }));
    const check = { subject: "s", outcome: "drifted", largestChange: 0.5, sentence: "It drifted." } as const;
    await new DriftRepository(state).addCheck(check);
    clock = now - 4 * hourMs;
    await state.transaction((session) => recoverAlert(session, "drift", false));
    const report = await makeReport(optionsOf(state));
    expect(report.cost).toMatchObject({ value: { requests: 101_000, byKind: { query: 1_000 } } });
    expect(report.satisfaction).toMatchObject({ value: { up: 1, down: 0, previousShare: 0 } });
    expect(report.incidents).toMatchObject({
      value: { incidents: [{ title: "Rolled back", end: undefined }], alerts: [{ kind: "drift" }] },
    });
    expect(report.sentences.slice(0, 2)).toEqual(["1 incident still open: Rolled back", "It drifted."]);
    const markdown = reportMarkdown(report);
    expect(markdown).toContain("| 2026-11-30 07:00 UTC | 1 h | drift |");
    expect(markdown).not.toContain("<script>");
    const html = reportHtml(report);
    // One file: nothing that runs, and nothing that a browser would load.
    expect(html).not.toMatch(/<script|<link|<img|@import|url\(|https?:\/\/(?!example)/);
    expect(html).toContain("&lt;script&gt;");
    expect(html).toContain("default-src &#39;none&#39;".replaceAll("&#39;", "'"));
  });
});

describeOnEachStore("accuracy over time (OPS-5)", (create) => {
  it("has the runs of the span that can be compared, and the change since the one before", async () => {
    const state = await create().open();
    const runs = new AccuracyRepository(state);
    const run = (hoursAgo: number, ndcg: number, changes: Partial<AccuracyRun> = {}) =>
      runs.add({
        store: "embedded",
        queriesHash: "a",
        queryCount: 300,
        k: 10,
        figures: {
          ndcg,
          recall: 0.9,
          precision: 0.5,
          reciprocalRank: 0.8,
          interval: { low: 0.7, high: 0.9 },
        },
        measuredAt: now - hoursAgo * hourMs,
        ...changes,
      });
    await run(30, 0.5);
    await run(5, 0.81);
    await run(4, 0.2, { store: "upstash" });
    await run(3, 0.3, { queriesHash: "b" });
    await run(1, 0.79);
    const report = await makeReport(optionsOf(state));
    if (report.accuracy.state === "missing") throw new Error(report.accuracy.reason);
    const { history, previous, means } = report.accuracy.value;
    expect(history.map(({ ndcg }) => ndcg)).toEqual([0.81, 0.79]);
    expect([previous, means.ndcg]).toEqual([0.81, 0.79]);
    expect(report.sentences).toContain(
      "nDCG@10 is 0.790 on 300 golden queries, after 0.810 in the run before.",
    );
    expect(reportMarkdown(report)).toContain("| 2026-11-30 07:00 UTC | 0.810 |");
    expect(reportHtml(report)).toContain("nDCG and recall of the last 2 runs");
  });
});

describe("ragfood report", () => {
  it("writes the file in the format of its ending, and measures the accuracy", async () => {
    const { directory } = project();
    const golden = [{ id: "q1", question: "Which soups are from Vietnam?", relevant: ["pho"] }];
    writeFileSync(join(directory, "golden.json"), JSON.stringify(golden));
    await runHere(["ingest"], { directory });
    await runHere(["drift"], { directory });
    const accuracyOf = async () =>
      JSON.parse((await runHere(["report", "--no-evaluate", "--json"], { directory })).out).accuracy;
    expect(await accuracyOf()).toMatchObject({ state: "missing" });
    const words = ["report", "--queries", "golden.json", "-o", "report.html"];
    const { code, error } = await runHere(words, { directory });
    expect(code).toBe(0);
    expect(error).toContain("report.html");
    const html = readFileSync(join(directory, "report.html"), "utf8");
    expect(html).toMatch(/^<!doctype html>/);
    expect(html).toContain("Golden queries asked on embedded");
    // What was measured stays in the state.
    await runHere(["evaluate", "--queries", "golden.json"], { directory });
    expect(await accuracyOf()).toMatchObject({
      state: "measured",
      value: {
        queryCount: 1,
        previous: expect.any(Number),
        history: [{ recall: 1 }, { recall: 1 }],
        lowest: [],
      },
    });
    expect(await runHere(["report", "-o", "report.txt"], { directory })).toMatchObject({ code: 2 });
  });

  it("does not ask the shipped golden queries of other records", async () => {
    const { directory } = project();
    await runHere(["ingest"], { directory });
    await runHere(["drift"], { directory });
    const { out } = await runHere(["report"], { directory });
    expect(out).toContain("**Not known:** the golden queries that come with ragfood are about its own foods");
  });
});
