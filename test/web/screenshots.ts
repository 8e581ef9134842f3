import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Index } from "@upstash/vector";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, it } from "vitest";
import { type Emulator, startEmulator } from "../../src/embedded/index.ts";
import { PageFiles } from "../../src/pages/page-files.ts";
import { launchBrowser, openPage } from "./browser.ts";
import { type Fixture, packagedFoods, startFixture } from "./fixture.ts";

const sizes = [
  { name: "desktop", width: 1440, height: 900 },
  { name: "tablet", width: 1024, height: 768 },
  { name: "phone", width: 390, height: 844 },
] as const;
const themes = ["light", "dark"] as const;

/** Only states whose name has this text. */
const only = process.env.ONLY ?? "";
const target = process.env.SCREENSHOTS ?? ".screenshots";

/** What the pictures show: the service, and the data browser of an emulator. */
interface Shown extends Fixture {
  readonly dataUrl: string;
}

interface State {
  readonly name: string;
  readonly open: (page: Page, fixture: Shown) => Promise<void>;
}

const ask = async (page: Page, fixture: Fixture, question: string) => {
  await page.goto(`${fixture.url}/ask`);
  await page.getByLabel("Question", { exact: true }).fill(question);
  await page.keyboard.press("Enter");
};

const dashboard = async (page: Page, { url }: Fixture, search = "") => {
  await page.goto(`${url}/dashboard${search}`);
  await page.locator(".u-over").first().waitFor();
  await page.locator(".sparkline").first().waitFor();
  await page.getByRole("heading", { name: "Alerts and incidents" }).waitFor();
};

const states: readonly State[] = [
  {
    name: "ask-empty",
    open: async (page, { url }) => {
      await page.goto(`${url}/ask`);
      await page
        .getByText("Show all 45")
        .or(page.getByRole("button", { name: "Filters" }))
        .first()
        .waitFor();
    },
  },
  {
    name: "ask-searching",
    open: async (page, fixture) => {
      fixture.scene.stallAfter = 0;
      await ask(page, fixture, "A warming soup for a cold evening");
      await page.getByText("Writing the answer").waitFor();
    },
  },
  {
    name: "ask-streaming",
    open: async (page, fixture) => {
      fixture.scene.stallAfter = 20;
      await ask(page, fixture, "Vegan African stews without nuts");
      await page.locator(".answer-streaming").waitFor();
      await page.waitForTimeout(150);
    },
  },
  {
    name: "ask-answer",
    open: async (page, fixture) => {
      await ask(page, fixture, "Vegan African stews without nuts");
      await page.getByText("Ask next").waitFor();
      if ((page.viewportSize()?.width ?? 0) < 960) return;
      await page.locator(".citation").first().hover();
    },
  },
  {
    name: "ask-facts",
    open: async (page, fixture) => {
      await ask(page, fixture, "How many calories does hummus have?");
      await page.getByText("Ask next").waitFor();
      await page.getByLabel("Bad answer").click();
      await page.getByLabel("Comment", { exact: true }).waitFor();
    },
  },
  {
    name: "ask-compare",
    open: async (page, fixture) => {
      await ask(page, fixture, "Compare tonkotsu ramen and pho bo");
      await page.getByText("Ask next").waitFor();
    },
  },
  {
    name: "ask-declined",
    open: async (page, fixture) => {
      await ask(page, fixture, "Who won the world cup?");
      await page.getByText("Try one of these").waitFor();
    },
  },
  {
    name: "ask-error",
    open: async (page, fixture) => {
      fixture.scene.isStoreDead = true;
      await ask(page, fixture, "Is pad thai safe with a peanut allergy?");
      await page.getByRole("alert").waitFor();
    },
  },
  {
    name: "ask-record",
    open: async (page, fixture) => {
      await ask(page, fixture, "Is pad thai safe with a peanut allergy?");
      await page.getByText("Ask next").waitFor();
      const fold = page.locator(".turn-sources summary");
      if (await fold.isVisible()) await fold.click();
      await page.getByText("Show whole record").first().click();
      await page.locator(".record").waitFor();
    },
  },
  { name: "dashboard-good", open: (page, fixture) => dashboard(page, fixture) },
  {
    name: "dashboard-bad",
    open: async (page, fixture) => {
      fixture.scene.mood = "bad";
      fixture.scene.stage = "source";
      await dashboard(page, fixture, "?range=6h");
    },
  },
  {
    name: "dashboard-stale",
    open: async (page, fixture) => {
      fixture.scene.mood = "stale";
      fixture.scene.isGateClosed = true;
      await dashboard(page, fixture);
    },
  },
  {
    name: "dashboard-lost",
    open: async (page, fixture) => {
      await dashboard(page, fixture);
      fixture.scene.isWatched = false;
      await page.getByText("Connection lost").waitFor();
    },
  },
  {
    name: "dashboard-confirm",
    open: async (page, fixture) => {
      await dashboard(page, fixture);
      await page.getByRole("button", { name: "Roll back" }).click();
      await page.getByRole("dialog").waitFor();
    },
  },
  {
    name: "data-table",
    open: async (page, { dataUrl }) => {
      await page.goto(dataUrl);
      await page.getByRole("row").nth(5).waitFor();
    },
  },
  {
    name: "data-record",
    open: async (page, { dataUrl }) => {
      await page.goto(dataUrl);
      await page.getByRole("row").nth(3).click();
      await page.getByRole("complementary", { name: "Record" }).waitFor();
    },
  },
  {
    name: "data-filter",
    open: async (page, { dataUrl }) => {
      await page.goto(dataUrl);
      await page.getByRole("row").nth(5).waitFor();
      await page.getByRole("combobox", { name: "Filter" }).click();
      await page.keyboard.type("region = 'Pe");
      await page.getByRole("option").first().waitFor();
    },
  },
  {
    name: "palette",
    open: async (page, { url }) => {
      await page.goto(`${url}/ask`);
      await page.getByRole("heading", { name: "What would you like" }).waitFor();
      await page.keyboard.press("Control+k");
      await page.getByRole("listbox").waitFor();
    },
  },
];

const token = "screenshots";

/** An emulator with the foods of the package. */
async function startFoodEmulator(): Promise<Emulator> {
  const emulator = await startEmulator({
    page: new PageFiles({ data: "/data" }),
    log: () => undefined,
    indexes: [{ path: "/foods", token }],
  });
  const index = new Index({ url: `${new URL(emulator.url).origin}/foods`, token });
  const records = packagedFoods().map(({ id, text, ...metadata }) => ({ id, data: text, metadata }));
  for (let first = 0; first < records.length; first += 250)
    await index.upsert(records.slice(first, first + 250));
  return emulator;
}

describe("screenshots", () => {
  let browser: Browser;
  let fixture: Fixture;
  let emulator: Emulator;
  beforeAll(async () => {
    mkdirSync(target, { recursive: true });
    browser = await launchBrowser();
    fixture = await startFixture();
    emulator = await startFoodEmulator();
  });
  afterAll(async () => {
    await browser?.close();
    await fixture?.close();
    await emulator?.close();
  });

  it.each(states.filter(({ name }) => name.includes(only)))("$name", async ({ name, open }) => {
    for (const { name: size, width, height } of sizes) {
      if (process.env.SIZE && size !== process.env.SIZE) continue;
      const { page, faults } = await openPage(browser, { viewport: { width, height } });
      for (const theme of themes) {
        await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
        await page.addInitScript((given) => {
          sessionStorage.clear();
          sessionStorage.setItem("ragfood.tokens", JSON.stringify([given]));
        }, token);
        await open(page, { ...fixture, dataUrl: `${new URL(emulator.url).origin}/data` });
        const file = join(target, `${name}-${size}-${theme}`);
        await page.screenshot({ path: `${file}.png` });
        // The dashboard is longer than the screen: the rest of it counts too.
        if (name.startsWith("dashboard") && process.env.WHOLE) {
          await page.setViewportSize({
            width,
            height: await page.locator("#content").evaluate((main) => main.scrollHeight),
          });
          await page.waitForTimeout(200);
          await page.screenshot({ path: `${file}-whole.png` });
          await page.setViewportSize({ width, height });
        }
        fixture.calm();
      }
      if (faults.length > 0) throw new Error(`${name}: ${faults.join("\n")}`);
      await page.context().close();
    }
  });
});
