import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeUnless } from "../helpers/obstacles.ts";
import { chromium } from "../helpers/tools.ts";
import { openPage } from "./browser.ts";
import { type Fixture, startFixture } from "./fixture.ts";
import { pageFoods } from "./foods.ts";

const built = new URL("../../dist/web/", import.meta.url);

/** The scripts that a page loads: its entry, and everything that is imported from there. */
function scriptsOf(page: string): string[] {
  const html = readFileSync(new URL(`${page}.html`, built), "utf8");
  const seen = new Set(Array.from(html.matchAll(/assets\/([\w-]+\.js)/g), ([, name = ""]) => name));
  const scripts: string[] = [];
  for (const name of seen) {
    const text = readFileSync(new URL(`assets/${name}`, built), "utf8");
    for (const [, imported = ""] of text.matchAll(/["']\.\/([\w-]+\.js)["']/g)) seen.add(imported);
    scripts.push(text);
  }
  return scripts;
}

describe("the scripts of the pages", () => {
  it.each(["ask", "dashboard", "data"])("%s uses nothing that only Node.js has", (page) => {
    const names = scriptsOf(page).flatMap(
      (script) => script.match(/\b(?:Buffer|require|__dirname)\b[.(]/g) ?? [],
    );
    expect(names).toEqual([]);
  });

  it.each(["ask", "dashboard", "data"])("%s loads at most 60 KB of gzipped script", (page) => {
    const bytes = scriptsOf(page).reduce((sum, script) => sum + gzipSync(script).byteLength, 0);
    expect(bytes).toBeGreaterThan(5_000);
    expect(bytes).toBeLessThanOrEqual(60 * 1_024);
  });
});

interface Loading {
  /** Sum of layout shifts without the user's doing. */
  shift: number;
}

describeUnless(chromium.obstacle, "what moves while a page loads", () => {
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await startFixture({ foods: pageFoods });
  });
  afterAll(() => fixture?.close());

  it.each([
    ["ask", ".filter-group"],
    ["dashboard", ".u-over"],
    ["ask?q=What+is+pho%3F", ".turn-meta"],
    ["data", ".table .cell-id"],
    ["data?record=pho", ".vector"],
  ])("%s shifts its layout by less than 0.05", async (path, loaded) => {
    const { page, close } = await openPage({ context: {} });
    await page.addInitScript(() => {
      const loading = { shift: 0 };
      Object.assign(window, { loading });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries() as (PerformanceEntry & {
          value: number;
          hadRecentInput: boolean;
        })[]) {
          if (!entry.hadRecentInput) loading.shift += entry.value;
        }
      }).observe({ type: "layout-shift", buffered: true });
    });
    await page.goto(`${fixture.url}/${path}`);
    await page.locator(loaded).first().waitFor();
    // Later than what may still arrive: a shift that is missed here makes the test pass, never fail.
    await page.waitForTimeout(300);
    const { shift } = await page.evaluate(() => (window as unknown as { loading: Loading }).loading);
    expect(shift).toBeLessThan(0.05);
    const [paint] = await page.evaluate(() =>
      performance.getEntriesByName("first-contentful-paint").map(({ startTime }) => startTime),
    );
    console.info(`${path}: first paint ${Math.round(paint ?? 0)} ms, layout shift ${shift.toFixed(4)}`);
    await close();
  });
});
