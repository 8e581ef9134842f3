import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, it } from "vitest";
import { openPage } from "./browser.ts";
import { dataScreens } from "./data-screens.ts";
import { type Fixture, startFixture } from "./fixture.ts";

const sizes = [
  { name: "desktop", width: 1440, height: 900 },
  { name: "tablet", width: 1024, height: 768 },
  { name: "phone", width: 390, height: 844 },
] as const;
const themes = ["light", "dark"] as const;
/** Of pictures in documents: small files, and legible in a column of text. */
const document = { name: "document", width: 1120, height: 700 };
const wide = { name: "wide", width: 1320, height: 830 };

type Size = { readonly name: string; readonly width: number; readonly height: number };
type Theme = (typeof themes)[number];

/** `ONLY=dashboard`: only states whose name has this text. */
const only = process.env.ONLY ?? "";
const target = ".screenshots";

/** `DOCUMENTS=1`: only the pictures in docs/images. */
const isForDocuments = process.env.DOCUMENTS !== undefined;
const pictures: readonly (readonly [file: string, state: string, size: Size, theme: Theme])[] = [
  ["ask", "ask-answer", document, "light"],
  ["ask-comparison", "ask-compare", document, "dark"],
  ["ask-phone", "ask-answer", sizes[2], "light"],
  ["dashboard", "dashboard-good", wide, "light"],
  ["dashboard-breach", "dashboard-bad", wide, "dark"],
  ["data", "data-record", sizes[0], "light"],
];

interface State {
  readonly name: string;
  readonly open: (page: Page, fixture: Fixture) => Promise<void>;
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

const data = dataScreens();

const states: readonly State[] = [
  ...data.states,
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
    name: "dashboard-force",
    open: async (page, fixture) => {
      fixture.scene.isGateClosed = true;
      await dashboard(page, fixture);
      await page.getByRole("button", { name: "Next stage anyway" }).click();
      await page.getByRole("dialog").waitFor();
    },
  },
  {
    name: "dashboard-share",
    open: async (page, fixture) => {
      await dashboard(page, fixture);
      await page.getByRole("button", { name: "Change the share" }).click();
      await page.getByRole("dialog").waitFor();
    },
  },
  {
    name: "dashboard-hold",
    open: async (page, fixture) => {
      fixture.scene.isHeld = true;
      await dashboard(page, fixture);
      await page.getByText("The stores are being switched").waitFor();
    },
  },
  {
    name: "dashboard-report",
    open: async (page, fixture) => {
      fixture.scene.mood = "bad";
      fixture.scene.stage = "source";
      await dashboard(page, fixture, "?report=incident-1");
      await page.getByText("Add a note, keep it open, close it").click();
    },
  },
  {
    name: "dashboard-finish",
    open: async (page, fixture) => {
      fixture.scene.stage = "target";
      await dashboard(page, fixture);
      await page.getByRole("button", { name: "Finish anyway" }).click();
      await page.getByRole("dialog").waitFor();
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

describe("screenshots", () => {
  let fixture: Fixture;
  beforeAll(async () => {
    mkdirSync(target, { recursive: true });
    mkdirSync("docs/images", { recursive: true });
    fixture = await startFixture();
    await data.start();
  });
  afterAll(async () => {
    await fixture?.close();
    await data.close();
  });

  const take = async (name: string, size: Size, theme: Theme, file: string) => {
    const state = states.find((each) => each.name === name);
    const { width, height } = size;
    const { page, faults, close } = await openPage({ viewport: { width, height }, colorScheme: theme });
    await state?.open(page, fixture);
    await page.screenshot({ path: `${file}.png` });
    // The dashboard is longer than the screen: the rest of it counts too.
    if (name.startsWith("dashboard") && !isForDocuments) {
      const whole = await page.locator("#content").evaluate((main) => main.scrollHeight);
      await page.setViewportSize({ width, height: whole });
      await page.waitForTimeout(200);
      await page.screenshot({ path: `${file}-whole.png` });
    }
    fixture.calm();
    await close();
    if (faults.length > 0) throw new Error(`${name}: ${faults.join("\n")}`);
  };

  it.each(isForDocuments ? [] : states.filter(({ name }) => name.includes(only)))(
    "$name",
    async ({ name }) => {
      for (const size of sizes) {
        for (const theme of themes)
          await take(name, size, theme, join(target, `${name}-${size.name}-${theme}`));
      }
    },
  );

  it.each(isForDocuments ? pictures : [])("docs/images/%s.png", async (file, name, size, theme) => {
    await take(name, size, theme, join("docs/images", file));
  });
});
