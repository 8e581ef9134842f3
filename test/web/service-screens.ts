import type { Page } from "playwright-core";
import type { Fixture } from "./fixture.ts";

/** A state of a page, and how it comes about. */
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

/** The states of Ask and Dashboard, and of Data in a service, to take pictures of. */
export const serviceScreens: readonly State[] = [
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
    name: "ask-skeleton",
    open: async (page, fixture) => {
      // The answer never begins.
      await page.route("**/api/ask", () => {});
      await ask(page, fixture, "A warming soup for a cold evening");
      await page.getByText("Searching the records").waitFor();
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
  {
    name: "ask-stopped",
    open: async (page, fixture) => {
      fixture.scene.stallAfter = 20;
      await ask(page, fixture, "Vegan African stews without nuts");
      await page.locator(".answer-streaming").waitFor();
      await page.keyboard.press("Escape");
      await page.getByText("Stopped before").waitFor();
    },
  },
  {
    name: "ask-follow-up",
    open: async (page, fixture) => {
      await ask(page, fixture, "Vegan African stews without nuts");
      await page.getByRole("button", { name: "Which of them are gluten-free?" }).click();
      await page.getByText("Ask next").nth(1).or(page.getByText("Try one of these")).first().waitFor();
    },
  },
  {
    name: "ask-sources",
    open: async (page, fixture) => {
      await ask(page, fixture, "Is pad thai safe with a peanut allergy?");
      await page.getByText("Ask next").waitFor();
      const fold = page.locator(".turn-sources summary");
      if (await fold.isVisible()) await fold.click();
      await page.locator(".source").first().scrollIntoViewIfNeeded();
    },
  },
  {
    name: "ask-filters",
    open: async (page, { url }) => {
      await page.goto(`${url}/ask`);
      const filters = page.getByRole("button", { name: "Filters" });
      await page.getByText("Show all 45").or(filters).first().waitFor();
      if (await filters.isVisible()) await filters.click();
      await page.getByText("vegan", { exact: true }).click();
      await page.getByText("milk", { exact: true }).click();
    },
  },
  {
    name: "ask-key",
    open: async (page, fixture) => {
      fixture.scene.neededKey = "rf_read_fixture";
      await ask(page, fixture, "Is pad thai safe with a peanut allergy?");
      await page.getByRole("alert").waitFor();
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
    name: "dashboard-young",
    open: async (page, fixture) => {
      fixture.scene.mood = "young";
      fixture.scene.stage = undefined;
      await page.goto(`${fixture.url}/dashboard`);
      await page.getByRole("heading", { name: "Alerts and incidents" }).waitFor();
      await page.waitForTimeout(300);
    },
  },
  {
    name: "dashboard-spent",
    open: async (page, fixture) => {
      fixture.scene.mood = "spent";
      await dashboard(page, fixture);
    },
  },
  {
    name: "dashboard-key",
    open: async (page, fixture) => {
      fixture.scene.neededKey = "rf_read_fixture";
      await page.goto(`${fixture.url}/dashboard`);
      await page.getByLabel(/key/i).first().waitFor();
    },
  },
  {
    name: "dashboard-advance",
    open: async (page, fixture) => {
      await dashboard(page, fixture);
      await page.getByRole("button", { name: "Next: new store answers" }).click();
      await page.getByRole("dialog").waitFor();
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
    name: "dashboard-acknowledge",
    open: async (page, fixture) => {
      fixture.scene.mood = "bad";
      fixture.scene.stage = "source";
      await dashboard(page, fixture, "?range=6h");
      await page.getByRole("button", { name: "Acknowledge" }).first().click();
      await page.getByRole("dialog").waitFor();
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
  {
    name: "missing",
    open: async (page, { url }) => {
      await page.goto(`${url}/nope`);
      await page.getByText("This page does not exist").waitFor();
    },
  },
  {
    name: "ask-long",
    open: async (page, fixture) => {
      await ask(page, fixture, `What is pho? ${"I would like to know it well. ".repeat(60)}`);
      await page.getByText("Ask next").waitFor();
    },
  },
  {
    name: "data-stores",
    open: async (page, { url }) => {
      const side = (name: string, role: string) => ({ name, base: "/api/index", access: "read", role });
      await page.route("**/data/session", (route) =>
        route.fulfill({
          json: {
            host: "service",
            indexes: [
              { name: "answers", base: "/api/index", access: "read" },
              side("chroma", "old store, leads"),
              side("upstash", "new store, follows"),
            ],
          },
        }),
      );
      await page.goto(`${url}/data`);
      await page.locator(".table .cell-id").nth(5).waitFor();
      await page.waitForTimeout(150);
    },
  },
  {
    name: "data-unreachable",
    open: async (page, fixture) => {
      fixture.scene.isStoreDead = true;
      await page.goto(`${fixture.url}/data`);
      await page.getByText("The index cannot be read").waitFor();
    },
  },
];
