import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { describeUnless } from "../helpers/obstacles.ts";
import { chromium } from "../helpers/tools.ts";
import { violations } from "./accessibility.ts";
import { eventually, openPage, phone, type WatchedPage } from "./browser.ts";
import { type Fixture, startFixture } from "./fixture.ts";
import { pageFoods } from "./foods.ts";
import { smallTargets } from "./touch-targets.ts";

describeUnless(chromium.obstacle, "the page Ask (UX-1)", () => {
  let fixture: Fixture;
  let watched: WatchedPage;
  let page: Page;

  beforeAll(async () => {
    fixture = await startFixture({ foods: pageFoods });
  });
  afterAll(() => fixture?.close());
  beforeEach(async () => {
    watched = await openPage();
    page = watched.page;
  });
  afterEach(async () => {
    fixture.calm();
    await watched.close();
    expect(watched.faults).toEqual([]);
  });

  const question = () => page.getByLabel("Question", { exact: true });
  const ask = async (text: string, path = "/ask") => {
    await page.goto(`${fixture.url}${path}`);
    await question().fill(text);
    await page.keyboard.press("Enter");
  };
  const answered = () => page.getByText(/store · /).waitFor();

  it("shows what can be asked and the filters with their counts", async () => {
    await page.goto(fixture.url);
    await page.waitForURL(`${fixture.url}/ask`);
    const examples = page.getByRole("list", { name: "Example questions" }).getByRole("button");
    await eventually(() => examples.count()).toBe(6);
    const vegan = page.getByRole("group", { name: "diet" }).locator("label", { hasText: "vegan" }).first();
    await vegan.waitFor();
    expect(await vegan.innerText()).toMatch(/vegan\s+3/);
    expect(await violations(page)).toEqual([]);
  });

  it("streams the answer after its sources, and Esc stops it", async () => {
    fixture.scene.stallAfter = 4;
    await ask("What is pho?");
    await page.locator(".answer-streaming").waitFor();
    await page.getByRole("heading", { name: "pho", exact: true }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.getByText("Stopped before the answer was complete.").waitFor();
    expect(await violations(page)).toEqual([]);
    fixture.calm();
    await page.getByRole("button", { name: "Ask again", exact: true }).click();
    await answered();
    await page.locator(".answer-body", { hasText: "fragrant noodle soup" }).waitFor();
    expect(await page.locator(".turn-meta").innerText()).toMatch(
      /^chroma store · quoted from the sources, no model · \d+ ms$/,
    );
  });

  it("answers anew when an understood part is removed, and when it is put back", async () => {
    await ask("vegan soups");
    await answered();
    const sources = page.getByRole("complementary", { name: "Sources" }).getByRole("article");
    await eventually(() => sources.count()).toBe(1);
    await page.getByRole("button", { name: /^vegan.*: remove, and ask again$/ }).click();
    await page.getByRole("article", { name: /^Source \d: pho$/ }).waitFor();
    // No other chip takes its place under the pointer.
    const chips = page.getByRole("list", { name: "Understood" }).getByRole("listitem");
    expect(await chips.first().innerText()).toMatch(/^vegan/);
    await page.getByRole("button", { name: /^vegan.*: put back, and ask again$/ }).click();
    await page.getByRole("article", { name: /^Source \d: pho$/ }).waitFor({ state: "detached" });
    await answered();
    expect(await violations(page)).toEqual([]);
    await page.goBack();
    await page.getByRole("article", { name: /^Source \d: pho$/ }).waitFor();
    await page.goBack();
    await page.getByRole("article", { name: /^Source \d: pho$/ }).waitFor({ state: "detached" });
  });

  it("names what was typed next to what was understood, and follow-ups keep what was removed", async () => {
    await ask("plant-based soups that are not from Asia, halal");
    await answered();
    const chipsOf = async (turn: number) =>
      (await page.locator(".turn").nth(turn).locator(".chip-removable").allInnerTexts()).map((text) =>
        text.replaceAll("\n", " ").replace(" : remove, and ask again", ""),
      );
    await eventually(() => chipsOf(0)).toEqual([
      "vegan (plant based)",
      "Soup",
      "not from Asia",
      "not checked: halal",
    ]);
    for (const name of ["halal", "not from Asia", "vegan"]) {
      await page.getByRole("button", { name: new RegExp(`${name}.*: remove, and ask again$`) }).click();
      await page.getByRole("button", { name: new RegExp(`^${name}.*: put back, and ask again$`) }).waitFor();
    }
    await page.getByRole("article", { name: /^Source \d: pho$/ }).waitFor();
    await answered();
    await question().fill("Which of them are from Vietnam?");
    await page.keyboard.press("Enter");
    await page
      .locator(".turn")
      .nth(1)
      .getByText(/store · /)
      .waitFor();
    await eventually(() => chipsOf(1)).toEqual(["Soup", "from Vietnam"]);
    expect(await violations(page)).toEqual([]);
  });

  it("forgets an answer that is being written when the question is asked again", async () => {
    fixture.scene.stallAfter = 12;
    await ask("vegan soups");
    await page.locator(".answer-streaming").waitFor();
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route("**/api/ask", async (route) => {
      await released;
      await route.continue();
    });
    await page.getByRole("button", { name: /^vegan/ }).click();
    await page.getByText("Searching the records").waitFor();
    await page.getByRole("button", { name: "Stop the answer" }).waitFor();
    expect(await page.getByText("Stopped before").count()).toBe(0);
    fixture.scene.stallAfter = Infinity;
    release();
    await answered();
    expect(await page.locator(".answer-body > p").first().innerText()).toMatch(/^\d+ foods? /);
  });

  it("undoes with Back what was removed from an earlier question", async () => {
    await ask("vegan soups");
    await answered();
    await ask("What is pho?");
    await eventually(() => page.locator(".turn-meta").count()).toBe(2);
    await page.getByRole("button", { name: /^vegan.*: remove, and ask again$/ }).click();
    const putBack = page.getByRole("button", { name: /^vegan.*: put back, and ask again$/ });
    await putBack.waitFor();
    await page.goBack();
    await putBack.waitFor({ state: "detached" });
    await page.locator(".turn-focused").getByRole("heading", { name: "vegan soups" }).waitFor();
    await page.goBack();
    await page.locator(".turn-focused").getByRole("heading", { name: "What is pho?" }).waitFor();
  });

  it("shows the sources of a follow-up beside it, and does not offer it again", async () => {
    await ask("vegan soups");
    await answered();
    const followUp = page.getByRole("button", { name: "Which of them are gluten-free?" });
    await followUp.click();
    await page.getByText("of “Which of them are gluten-free?”").waitFor();
    await eventually(() => page.locator(".turn-meta").count()).toBe(2);
    await eventually(() => followUp.count()).toBe(1);
  });

  it("says why a record is a source, and leads to all that meet the conditions", async () => {
    await ask("vegan soups");
    await answered();
    const card = page.getByRole("complementary", { name: "Sources" }).getByRole("article").first();
    await card.getByText(/^Why/).waitFor();
    await card.getByRole("button", { name: "Show whole record" }).click();
    await page.getByRole("dialog").locator("mark").waitFor();
    await page.getByRole("dialog").getByText(/^Why/).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Edit the question" }).click();
    await eventually(() => question().inputValue()).toBe("vegan soups");
    await page.getByRole("link", { name: "all matches" }).click();
    await page.getByText(/^1 record of \d+ match/).waitFor();
  });

  it("limits answers to the chosen filters", async () => {
    await page.goto(`${fixture.url}/ask`);
    await page.getByText("Spain", { exact: true }).click();
    await question().fill("a soup");
    await page.keyboard.press("Enter");
    await answered();
    await eventually(() => page.locator(".source-name").allInnerTexts()).toEqual(["gazpacho"]);
    // The condition of the filter has one chip, which removes it.
    expect(await page.locator(".understood .chip", { hasText: "Spain" }).count()).toBe(1);
    await page.getByRole("button", { name: /^filter Spain.*: remove, and ask again$/ }).click();
    await page.getByRole("article", { name: /^Source \d: pho$/ }).waitFor();
  });

  it("lights a source up under its mark, and leads to it", async () => {
    await ask("What is satay?");
    await answered();
    const mark = page.getByRole("button", { name: "Source 1: Satay" }).first();
    const card = page.getByRole("article", { name: "Source 1: Satay" });
    await mark.hover();
    await eventually(() => card.getAttribute("class")).toContain("source-lit");
    expect(await violations(page)).toEqual([]);
    await mark.click();
    await eventually(() => card.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await card.locator("mark").innerText()).toContain("Satay is grilled meat");
    expect(await card.getByRole("list", { name: "Allergens" }).innerText()).toContain("may contain soybeans");
  });

  it("marks a condition that asks for an allergen, so that nobody takes it for the opposite", async () => {
    await ask("foods with peanuts");
    await answered();
    await page.locator(".chip-warning", { hasText: "with peanuts" }).waitFor();
    expect(await violations(page)).toEqual([]);
  });

  it("takes a vote and a comment", async () => {
    await ask("What is pho?");
    await answered();
    await page.getByRole("button", { name: "Bad answer" }).click();
    await page.getByText("Your vote is recorded").waitFor();
    expect(await violations(page)).toEqual([]);
    // The vote leads into the field.
    await page.keyboard.type("Which herbs?");
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByText("Your comment is recorded").waitFor();
    expect(fixture.votes.at(-1)).toMatchObject({
      vote: "down",
      comment: "Which herbs?",
      question: "What is pho?",
    });
    await page.reload();
    await page.getByText("Your comment: Which herbs?").waitFor();
  });

  it("takes a question as soon as it is open, and no slash that leads to a field which has the focus", async () => {
    await page.goto(`${fixture.url}/ask`);
    await question().and(page.locator(":focus")).waitFor();
    await page.keyboard.type("/What is pho?");
    expect(await question().inputValue()).toBe("What is pho?");
    await page.keyboard.press("Enter");
    await answered();
    await page.getByRole("button", { name: "Good answer" }).focus();
    await page.keyboard.press("/");
    expect(await question().evaluate((field) => field === document.activeElement)).toBe(true);
  });

  it("counts a long question, asks none that is too long, and keeps its answer in sight", async () => {
    const long = `What is pho? ${"I would like to know it well. ".repeat(70)}`;
    await page.goto(`${fixture.url}/ask`);
    await question().fill(long);
    await page.getByText("2,112 of 2,000 characters: shorten it by 112").waitFor();
    await page.keyboard.press("Enter");
    expect(await page.locator(".turn").count()).toBe(0);
    await question().fill(long.slice(0, 1_900));
    await page.getByText("1,900 of 2,000 characters").waitFor();
    await page.keyboard.press("Enter");
    await answered();
    const heading = page.locator(".turn-question");
    const cut = (await heading.boundingBox())?.height ?? 0;
    expect(cut).toBeLessThan(120);
    await page.getByRole("button", { name: "Show the whole question" }).click();
    await eventually(async () => (await heading.boundingBox())?.height ?? 0).toBeGreaterThan(cut);
  });

  it("leads on from an address where nothing is", async () => {
    await page.goto(`${fixture.url}/nope`);
    await page.getByText("This page does not exist").waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole("main").getByRole("link", { name: "Data" }).click();
    await page.waitForURL(`${fixture.url}/data`);
  });

  it("offers questions of other tabs in the palette until they are cleared", async () => {
    await ask("What is pho?");
    await answered();
    // Another tab has a session of its own.
    await page.evaluate(() => {
      for (const name of Object.keys(sessionStorage)) if (name !== "test") sessionStorage.removeItem(name);
    });
    await page.goto(`${fixture.url}/dashboard`);
    const recent = page.getByRole("option", { name: "What is pho?" });
    const open = async () => {
      await page.keyboard.press("Control+k");
      await page.getByRole("listbox").waitFor();
    };
    await page.getByRole("navigation").waitFor();
    await open();
    expect(await recent.count()).toBe(1);
    await page.getByRole("option", { name: "Clear recent questions" }).click();
    await open();
    expect(await recent.count()).toBe(0);
  });

  it("says when a question can be asked again after too many requests, and not before", async () => {
    // Its clock is its own.
    await watched.close();
    watched = await openPage({ context: {} });
    page = watched.page;
    await page.clock.install();
    await page.route("**/api/ask", (route) =>
      route.fulfill({
        status: 429,
        headers: { "Content-Type": "application/problem+json", "Retry-After": "90" },
        json: {
          code: "rate-limit",
          detail: "Too many requests in one minute.",
          status: 429,
          requestId: "r-1",
        },
      }),
    );
    await ask("What is pho?");
    const alert = page.getByRole("alert");
    await alert.getByText("Too many requests in one minute.").waitFor();
    const wait = alert.getByRole("button", { name: /^Try again in \d+ s$/ });
    expect(await wait.getAttribute("aria-disabled")).toBe("true");
    await page.unroute("**/api/ask");
    await page.clock.fastForward(91_000);
    await alert.getByRole("button", { name: "Try again", exact: true }).click();
    await answered();
  });

  it("keeps the conversation, its votes and the open record through a reload", async () => {
    await ask("What is pho?");
    await answered();
    await question().fill("Is it vegan?");
    await page.keyboard.press("Enter");
    await eventually(() => page.getByText(/store · /).count()).toBe(2);
    await page.getByRole("button", { name: "Show whole record" }).first().click();
    await page.getByRole("dialog").waitFor();
    await page.reload();
    await page.getByRole("dialog").waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await eventually(() => page.locator(".turn-question").allInnerTexts()).toEqual([
      "What is pho?",
      "Is it vegan?",
    ]);
    await eventually(() => page.getByText(/store · /).count()).toBe(2);
  });

  it("offers a way out if what the tab has kept cannot be shown", async () => {
    // A document of the same origin that writes nothing.
    await page.goto(`${fixture.url}/healthz`);
    await page.evaluate(() => sessionStorage.setItem("ragfood.conversation", '[{"id":1}]'));
    await page.goto(`${fixture.url}/ask`);
    await page.getByRole("button", { name: "Start over" }).click();
    await page.getByRole("list", { name: "Example questions" }).waitFor();
  });

  it("keeps a chosen theme for the next page", async () => {
    await page.emulateMedia({ colorScheme: "light" });
    await page.goto(`${fixture.url}/ask`);
    await question().waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").waitFor();
    await page.keyboard.type("dark");
    await page.getByRole("option", { name: "Theme: dark", selected: true }).waitFor();
    await page.keyboard.press("Enter");
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    await eventually(ground).toBe("rgb(19, 18, 16)");
    await page.goto(`${fixture.url}/dashboard`);
    await eventually(ground).toBe("rgb(19, 18, 16)");
  });

  it("asks the question of an address that someone else sent", async () => {
    await page.goto(`${fixture.url}/ask?q=What+is+idli%3F`);
    await answered();
    await page.locator(".answer-body", { hasText: "steamed cake" }).waitFor();
  });

  it("says what happened and what to do when the store dies, and loses nothing", async () => {
    await ask("What is pho?");
    await answered();
    fixture.scene.isStoreDead = true;
    await question().fill("What is brie?");
    await page.keyboard.press("Enter");
    const alert = page.getByRole("alert");
    await alert.waitFor();
    expect(await alert.innerText()).toMatch(/not available at the moment/);
    expect(await alert.innerText()).toMatch(/try again/i);
    expect(await violations(page)).toEqual([]);
    fixture.calm();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("alert").waitFor({ state: "detached" });
    await eventually(() => page.getByText(/store · /).count()).toBe(2);
    await eventually(() => page.locator(".answer-body").count()).toBe(2);
  });

  it("says so when an answer breaks off", async () => {
    fixture.scene.cutAfter = 3;
    await ask("What is pho?");
    await page.getByRole("alert").waitFor();
    await page.locator(".answer-body", { hasText: "Pho" }).waitFor();
  });

  it("declines with what it knows about, and two questions", async () => {
    await ask("Who won the world cup?");
    await page.getByText("Try one of these").waitFor();
    expect(await page.locator(".suggestions").getByRole("button").count()).toBe(2);
    expect(await page.locator(".answer-body").innerText()).toMatch(/nothing relevant.*records about foods/s);
    expect(await violations(page)).toEqual([]);
  });

  it("asks for a key where the service needs one, and keeps it out of the address and the disk", async () => {
    fixture.scene.neededKey = "rf_read_secret";
    await ask("What is pho?");
    await page.getByLabel("Key", { exact: true }).fill("rf_read_secret");
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Enter");
    await answered();
    expect(page.url()).not.toContain("secret");
    expect(await page.evaluate(() => JSON.stringify({ ...localStorage }) + document.cookie)).not.toContain(
      "secret",
    );
  });

  it("shows markup in a food's text, name and metadata, and runs none of it", async () => {
    await ask(`What is durian? <script>window.broken=1</script>`);
    await answered();
    await page.getByRole("button", { name: "Show whole record" }).first().click();
    const record = page.getByRole("dialog");
    await record.waitFor();
    const text = await page.locator("body").innerText();
    expect(text).toContain("<script>window.broken=1</script>");
    expect(text).toContain('onerror="window.broken=1"');
    expect(await page.locator("main img, main script, main iframe, dialog img").count()).toBe(0);
    expect(await page.locator('a[href^="javascript"]').count()).toBe(0);
    await page.keyboard.press("Escape");
    await record.waitFor({ state: "detached" });
    await page.reload();
    await answered();
    expect(await page.evaluate(() => "broken" in window)).toBe(false);
  });

  it("can be used with the keyboard alone", async () => {
    const focused = () =>
      page.evaluate(() => {
        const { activeElement: element } = document;
        return element?.getAttribute("aria-label") ?? element?.textContent ?? "";
      });
    const reach = async (name: string) => {
      for (let presses = 0; presses < 60; presses++) {
        await page.keyboard.press("Tab");
        if ((await focused()) === name) return;
      }
      throw new Error(`Tab never reached ${name}.`);
    };
    await page.goto(`${fixture.url}/ask`);
    await question().waitFor();
    await reach("Dashboard");
    await page.keyboard.press("Enter");
    // A page that is chosen begins at its heading, and not at the rail again.
    const heading = page.getByRole("heading", { name: "Dashboard", level: 1 });
    await eventually(() => heading.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.type("what is gazpacho");
    await page.getByRole("option", { name: "what is gazpacho", selected: true }).waitFor();
    await page.keyboard.press("Enter");
    await answered();
    await page.keyboard.press("/");
    await eventually(focused).toBe("Question");
    await reach("Show whole record");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await eventually(focused).toBe("Show whole record");
    await reach("Source 1: gazpacho");
    await page.keyboard.press("Enter");
    await eventually(() => page.evaluate(() => document.activeElement?.tagName)).toBe("ARTICLE");
  });

  it("keeps the focus in the field for the next question", async () => {
    await page.goto(`${fixture.url}/ask`);
    await page.getByRole("button", { name: "New conversation" }).waitFor({ state: "detached" });
    await ask("What is pho?");
    await answered();
    await page.keyboard.type("Is it vegan?");
    await eventually(() => question().inputValue()).toBe("Is it vegan?");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").waitFor();
    await page.keyboard.type("new conversation");
    await page.getByRole("option", { name: "New conversation", selected: true }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("list", { name: "Example questions" }).waitFor();
    await eventually(() => question().evaluate((field) => field === document.activeElement)).toBe(true);
  });

  it("closes a dialog with Esc and does not stop the answer behind it", async () => {
    fixture.scene.stallAfter = 4;
    await ask("What is pho?");
    await page.locator(".answer-streaming").waitFor();
    await page.getByRole("button", { name: "Show whole record" }).first().click();
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.locator(".answer-streaming").waitFor();
    await page.keyboard.press("Escape");
    await page.getByText("Stopped before the answer was complete.").waitFor();
  });

  it("shows the shapes of the sources on a phone until they arrive", async () => {
    await page.setViewportSize(phone);
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route("**/api/ask", async (route) => {
      await held;
      await route.continue();
    });
    await ask("What is pho?");
    await page.getByText("Sources are on their way").first().waitFor();
    release();
    await answered();
    await page.getByText("Sources are on their way").first().waitFor({ state: "detached" });
  });

  it("names the source of a compared food once, above its column", async () => {
    await ask("Compare satay and pho bo");
    await answered();
    const table = page.getByRole("region", { name: "Comparison" });
    await table
      .getByRole("columnheader")
      .getByRole("button", { name: /^Source 1/ })
      .waitFor();
    expect(await table.getByRole("cell").getByRole("button").count()).toBe(0);
  });

  it("scrolls as a whole when it is zoomed in so far that nothing can stand still", async () => {
    await page.setViewportSize({ width: 320, height: 256 });
    await ask("What is satay?");
    await answered();
    const field = await question().evaluate((element) => {
      scrollTo(0, 0);
      return element.getBoundingClientRect().top;
    });
    expect(field).toBeGreaterThan(256);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
  });

  it("folds the sources under their answer on a phone, without scrolling sideways", async () => {
    await page.setViewportSize(phone);
    await ask("What is satay?");
    await answered();
    const card = page.getByRole("article", { name: "Source 1: Satay" });
    await card.waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "Source 1: Satay" }).first().click();
    await card.waitFor();
    expect(await violations(page)).toEqual([]);
    expect(await smallTargets(page)).toEqual([]);
    await page.getByRole("button", { name: "Bad answer" }).click();
    await page.getByRole("textbox", { name: "Comment" }).waitFor();
    expect(await page.locator(".ask-scroll").evaluate((scroll) => scroll.scrollWidth)).toBe(phone.width);
    await page.getByRole("button", { name: "Filters" }).click();
    await page.getByRole("dialog", { name: "Filters" }).waitFor();
    expect(await violations(page)).toEqual([]);
    expect(await smallTargets(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(phone.width);
  });
});
