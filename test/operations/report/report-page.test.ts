import type { Request } from "playwright-core";
import { expect, it, onTestFinished } from "vitest";
import { reportHtml } from "../../../src/operations/report/html/report-html.ts";
import type { Report } from "../../../src/operations/report/report.ts";
import { describeUnless } from "../../helpers/obstacles.ts";
import { chromium } from "../../helpers/tools.ts";
import { violations } from "../../web/accessibility.ts";
import { openPage } from "../../web/browser.ts";

const hours = Array.from({ length: 168 }, (_, place) => ({
  time: new Date(Date.UTC(2026, 10, 23, place)).toISOString(),
  requests: place % 9 === 0 ? undefined : 10 + (place % 24),
  failed: place % 9 === 0 ? undefined : place % 2,
  average: place % 9 === 0 ? undefined : 80,
  p99: place % 9 === 0 ? undefined : 400 + 20 * (place % 24),
}));
const objective = { comparison: "below", target: 2_000, previous: 650, unit: "milliseconds" } as const;

const report: Report = {
  from: "2026-11-23T00:00:00.000Z",
  to: "2026-11-30T00:00:00.000Z",
  generatedAt: "2026-11-30T06:00:00.000Z",
  version: "1.2.3",
  place: "upstash, https://a-rather-long-name-of-an-index-eu1-vector.upstash.io",
  condition: "attention",
  sentences: ["Latency missed its objective."],
  objectives: {
    state: "measured",
    value: {
      requests: 3_000,
      coverage: 0.9,
      stepMinutes: 60,
      rows: [
        { ...objective, name: "average", title: "Average latency", value: 700, outcome: "met" },
        { ...objective, name: "p99", title: "Latency, 99th percentile", value: 2_700, outcome: "missed" },
        { ...objective, name: "errors", title: "Error rate", value: undefined, outcome: "unknown" },
      ],
      points: hours,
    },
  },
  accuracy: { state: "missing", reason: "the golden queries were not asked", remedy: "ragfood report" },
  cost: { state: "missing", reason: "no request was billed", remedy: "ragfood cost --live" },
  satisfaction: {
    state: "measured",
    value: {
      up: 9,
      down: 1,
      share: 0.9,
      interval: { low: 0.6, high: 0.98 },
      days: [{ day: "2026-11-24", up: 9, down: 1 }],
      previousShare: 0.8,
      comments: [
        { vote: "up", time: "2026-11-24T08:00:00.000Z", question: "Why?", comment: "x".repeat(300) },
      ],
    },
  },
  incidents: {
    state: "measured",
    value: {
      incidents: [
        { kind: "rollback", title: "Rolled back", begin: "2026-11-24T08:00:00.000Z", end: undefined },
      ],
      alerts: [],
    },
  },
  drift: { state: "missing", reason: "the model was not checked", remedy: "ragfood drift" },
};

describeUnless(chromium.obstacle, "the report in a browser (OPS-5)", () => {
  async function open(width: number, colorScheme: "light" | "dark") {
    const { page, faults, close } = await openPage({ viewport: { width, height: 800 }, colorScheme });
    onTestFinished(close);
    const loaded: string[] = [];
    const note = (request: Request) => void loaded.push(request.url());
    page.on("request", note);
    onTestFinished(() => void page.off("request", note));
    await page.setContent(reportHtml(report));
    return { page, faults, loaded };
  }

  it.each([
    { width: 1_280, colorScheme: "light", canvas: "rgb(249, 248, 246)" },
    { width: 320, colorScheme: "dark", canvas: "rgb(19, 18, 16)" },
  ] as const)(
    "is readable at $width px, $colorScheme: no violation of WCAG, nothing cut off, nothing loaded",
    async (view) => {
      const { page, faults, loaded } = await open(view.width, view.colorScheme);
      expect(await violations(page)).toEqual([]);
      const measured = await page.evaluate(
        "[document.documentElement.scrollWidth, getComputedStyle(document.documentElement).backgroundColor]",
      );
      expect(measured).toEqual([view.width, view.canvas]);
      expect([...loaded, ...faults]).toEqual([]);
    },
  );

  it("is light on paper, also for a reader with a dark theme", async () => {
    const { page } = await open(800, "dark");
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    const colors = await page.evaluate(
      "[document.documentElement, document.querySelector('h1')].map((one) => [getComputedStyle(one).backgroundColor, getComputedStyle(one).color])",
    );
    expect(colors).toEqual([
      ["rgb(255, 255, 255)", "rgb(29, 27, 24)"],
      ["rgba(0, 0, 0, 0)", "rgb(29, 27, 24)"],
    ]);
  });
});
