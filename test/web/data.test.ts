import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Index } from "@upstash/vector";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import {
  type Emulator,
  type IndexSettings,
  indexFile,
  startEmulator,
  VectorIndex,
} from "../../src/embedded/index.ts";
import { PageFiles } from "../../src/pages/page-files.ts";
import { describeUnless } from "../helpers/obstacles.ts";
import { chromium } from "../helpers/tools.ts";
import { violations } from "./accessibility.ts";
import { eventually, openPage, type PageOptions, phone } from "./browser.ts";
import { smallTargets } from "./touch-targets.ts";

const recordCount = 100_000;
const regions = ["India", "Peru", "Japan", "Scotland", "Italy"];
const settings: IndexSettings = {
  type: "DENSE",
  dimension: 8,
  similarityFunction: "COSINE",
  embeddingModel: "",
  sparseEmbeddingModel: "",
};
const attack = `<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>'"\${pwned}`;
const tokens = { full: "full-token-of-foods", readOnly: "read-token-of-foods", texts: "full-token-of-texts" };

/** Written into the file before it is served: over HTTP this would take longer than all the tests. */
function fillIndex(file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const index = VectorIndex.open({ path: file, settings });
  for (let first = 0; first < recordCount; first += 1_000) {
    const records = Array.from({ length: 1_000 }, (_, offset) => {
      const place = first + offset;
      const region = regions[place % regions.length];
      return {
        id: `food-${place}`,
        metadata: `{"region":"${region}","energy":${place % 700},"price":1.0,"tweet":${9_007_199_254_740_993n + BigInt(place)}}`,
        data: `Dish ${place} of ${region}`,
        dense: Float32Array.from({ length: 8 }, (_, axis) => Math.sin(place * 0.7 + axis)),
        sparse: undefined,
      };
    });
    index.upsert("", records);
  }
  index.close();
}

let emulator: Emulator;
const directory = mkdtempSync(join(tmpdir(), "ragfood-data-"));

afterAll(async () => {
  await emulator?.close();
  rmSync(directory, { recursive: true, force: true });
});

beforeAll(async () => {
  if (chromium.obstacle !== undefined) return;
  fillIndex(indexFile(directory, "/foods"));
  emulator = await startEmulator({
    directory,
    page: new PageFiles({ data: "/data" }),
    log: () => {},
    indexes: [
      { path: "/foods", settings, token: tokens.full, readOnlyToken: tokens.readOnly },
      { path: "/texts", token: tokens.texts },
    ],
  });
  const texts = textIndex();
  await texts.upsert([
    { id: attack, data: `Soup ${attack}`, metadata: { [attack]: attack, list: [attack], title: attack } },
    { id: "soup", data: "A warm soup of lentils", metadata: { title: "Soup" } },
    { id: "stew", data: "A stew of lentils and rice", metadata: { title: "Stew" } },
  ]);
  await texts.namespace(attack).upsert([{ id: "x", data: "x" }]);
});

function textIndex(): Index {
  return new Index({ url: `${new URL(emulator.url).origin}/texts`, token: tokens.texts });
}

interface Opened {
  readonly page: Page;
  readonly faults: readonly string[];
}

/** A page until the end of its test, which fails if something was noted that must not happen. */
async function watched(options: PageOptions = {}): Promise<Opened> {
  const opened = await openPage(options);
  onTestFinished(async () => {
    await opened.close();
    expect(opened.faults).toEqual([]);
  });
  return opened;
}

/** The page with a token in its session, at a view. */
async function open(view = "", token: string = tokens.full, options: PageOptions = {}): Promise<Opened> {
  const session = { "ragfood.tokens": JSON.stringify([token]) };
  const opened = await watched({ ...options, session });
  await opened.page.goto(`${new URL(emulator.url).origin}/data${view}`);
  return opened;
}

const rowOf = (page: Page, id: string) =>
  page.getByRole("row").filter({ has: page.getByText(id, { exact: true }) });
const filterOf = (page: Page) => page.getByRole("combobox", { name: "Filter" });
const statusOf = (page: Page) => page.locator(".status-words");
const drawerOf = (page: Page) => page.getByRole("complementary", { name: "Record" });

/** Closes the dialog that is or will be open, with Esc. */
async function closeDialog(page: Page): Promise<void> {
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
}

describeUnless(chromium.obstacle, "the data browser in Chromium (UX-3)", () => {
  it("asks for a token, refuses a wrong one, and keeps the right one in its tab", async () => {
    const { page } = await watched();
    await page.goto(`${new URL(emulator.url).origin}/`);
    await page.getByLabel("Token", { exact: true }).fill("wrong");
    await page.keyboard.press("Enter");
    await page.getByText("No index of this emulator has this token.").waitFor();
    await page.getByLabel("Token", { exact: true }).fill(tokens.full);
    await page.keyboard.press("Enter");
    await rowOf(page, "food-0").waitFor();
    expect(page.url()).not.toContain(tokens.full);
    expect(await page.evaluate(() => localStorage.length)).toBe(0);
    await page.reload();
    await rowOf(page, "food-0").waitFor();
    await page.getByRole("button", { name: "Forget tokens" }).click();
    await page.getByLabel("Token", { exact: true }).waitFor();
  });

  it("pages through 100,000 records with few rows in the document", async () => {
    const { page } = await open();
    await rowOf(page, "food-0").waitFor();
    await statusOf(page).getByText("100,000 records", { exact: true }).waitFor();
    const grid = page.getByRole("grid");
    await grid.focus();
    await page.keyboard.press("End");
    await rowOf(page, "food-99999").waitFor();
    await eventually(() => grid.getAttribute("aria-rowcount")).toBe("100001");
    await grid.evaluate((element) => {
      element.scrollTop = element.scrollHeight / 2;
    });
    await page.waitForFunction(() =>
      /food-(49|50)\d{3}/.test(document.querySelector(".cell-id")?.closest(".table")?.textContent ?? ""),
    );
    await page.keyboard.press("Home");
    await rowOf(page, "food-0").waitFor();
    await eventually(() => page.getByRole("row").count()).toBeLessThan(60);
  });

  it("completes a filter, marks its fault, and lists what it selects", async () => {
    const { page } = await open();
    await rowOf(page, "food-0").waitFor();
    const filter = filterOf(page);
    await filter.click();
    await page.keyboard.type("reg");
    const region = page.getByRole("option", { name: /^region/ });
    await region.waitFor();
    await page.keyboard.press("ArrowDown");
    await eventually(() => region.getAttribute("aria-selected")).toBe("true");
    await page.keyboard.press("Enter");
    await eventually(() => filter.inputValue()).toBe("region ");
    await page.keyboard.type("= 'Pe");
    await page.getByRole("option", { name: "'Peru'" }).click();
    await eventually(() => filter.inputValue()).toBe("region = 'Peru' ");
    await page.keyboard.type("AND AND energy = 6");
    await page.getByText("Column 21: expected a field, not AND.").waitFor();
    await eventually(() => page.locator(".filter-mark").textContent()).toBe("AND");
    await eventually(() => filter.getAttribute("aria-invalid")).toBe("true");
    await filter.fill("region = 'Peru' AND energy = 6");
    await page.keyboard.press("Enter");
    await rowOf(page, "food-706").waitFor();
    await page.getByRole("button", { name: "Search all records" }).click();
    await page.getByText("143 records of 100,000 match").waitFor();
    await eventually(() => page.getByRole("row").count()).toBeLessThan(60);
  });

  it("helps with a filter that is not written as the language wants it", async () => {
    const { page } = await open("?filter=title+%3D+%27soup%27", tokens.texts);
    await page.getByRole("button", { name: "Use title = 'Soup'" }).click();
    await rowOf(page, "soup").waitFor();
    await page.getByRole("columnheader", { name: "title" }).waitFor();
    await filterOf(page).fill("title = stew");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Write title = 'Stew'" }).click();
    await eventually(() => filterOf(page).inputValue()).toBe("title = 'Stew'");
    await page.getByRole("button", { name: "Search", exact: true }).click();
    await rowOf(page, "stew").waitFor();
  });

  it("adds a condition by a choice of field and value, of many records", async () => {
    const { page } = await open();
    await page.getByRole("button", { name: "Add filter" }).click();
    const region = page.getByRole("combobox", { name: "is" });
    await region.locator("option", { hasText: "Peru (1000)" }).waitFor({ state: "attached" });
    await region.selectOption({ index: 2 });
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await eventually(() => filterOf(page).inputValue()).toMatch(/^region = '.+'$/);
  });

  it("keeps its menu open while a word of it is clicked", async () => {
    const { page } = await open("", tokens.texts);
    await rowOf(page, "soup").waitFor();
    await page.getByRole("button", { name: "Columns" }).click();
    await page.getByRole("group", { name: "Columns" }).getByText("title", { exact: true }).click();
    await page.getByRole("columnheader", { name: "title" }).waitFor();
    await page.getByRole("group", { name: "Columns" }).waitFor();
  });

  it("opens a record with all its parts, and finds similar ones", async () => {
    const { page } = await open();
    await rowOf(page, "food-7").click();
    const drawer = drawerOf(page);
    await drawer.getByText("Dish 7 of Japan").waitFor();
    // Digit for digit, although JavaScript would round the one and shorten the other.
    await drawer.getByText("9007199254741000").waitFor();
    await drawer.getByText("1.0", { exact: true }).waitFor();
    await drawer.getByRole("img", { name: /^Dense vector: 8 dimensions, norm 2\.0\d+/ }).waitFor();
    await drawer.getByRole("button", { name: "Find similar" }).click();
    await page.getByText("similar to").waitFor();
    // The rows before stay until the new ones are there.
    await page
      .getByRole("row")
      .nth(1)
      .filter({ hasText: /^1\s*food-7.*1\.0000/ })
      .waitFor();
    const address = page.url();
    await page.goto("about:blank");
    await page.goto(address);
    await drawer.getByText("Dish 7 of Japan").waitFor();
    await page.getByRole("button", { name: "Stop showing similar records" }).click();
    await page.getByText("100,000 records").waitFor();
  });

  it("keeps the query bar and the rows in their place when a record opens", async () => {
    const { page } = await open("", tokens.texts);
    await rowOf(page, "soup").waitFor();
    const places = () =>
      Promise.all(
        [filterOf(page), page.getByRole("button", { name: "Code", exact: true }), rowOf(page, "soup")].map(
          async (part) => (await part.boundingBox())?.y,
        ),
      );
    const before = await places();
    await rowOf(page, "soup").click();
    await drawerOf(page).getByText("A warm soup of lentils").waitFor();
    // The record is called as its metadata does; its id is beside that.
    await drawerOf(page).getByRole("heading", { name: "Soup", exact: true }).waitFor();
    await drawerOf(page).getByText("soup", { exact: true }).waitFor();
    expect(await places()).toEqual(before);
  });

  it("sorts by a column, and says how far", async () => {
    const { page } = await open("?columns=energy");
    const head = page.getByRole("columnheader", { name: "energy" });
    await rowOf(page, "food-0").waitFor();
    await head.getByRole("button").click();
    await statusOf(page).getByText("only the first 2,000 are sorted by energy").waitFor();
    await eventually(() => head.getAttribute("aria-sort")).toBe("ascending");
    await eventually(() => page.getByRole("row").nth(2).innerText()).toMatch(/^2\s+food-700\s+0\s/);
    await head.getByRole("button").click();
    await eventually(() => page.getByRole("row").nth(1).innerText()).toMatch(/^1\s+food-699\s+699\s/);
    expect(page.url()).toContain("sort=-field-energy");
    await page.reload();
    await rowOf(page, "food-699").waitFor();
    await page.getByRole("button", { name: "Unsort" }).click();
    await rowOf(page, "food-0").waitFor();
  });

  it("returns to a place in the list by its address", async () => {
    const { page } = await open("?row=30000&columns=region");
    await rowOf(page, "food-30000").waitFor();
    // Rows are numbered as people count.
    expect(await rowOf(page, "food-30000").innerText()).toMatch(/^30,001\s/);
    await eventually(() => page.getByRole("columnheader").allTextContents()).toEqual([
      "Id",
      "region",
      "Text",
    ]);
  });

  it("works by the keyboard alone", async () => {
    const { page } = await watched();
    await page.goto(`${new URL(emulator.url).origin}/data`);
    const focusOn = async (matches: (element: Element) => boolean) => {
      for (let step = 0; step < 40; step++) {
        await page.keyboard.press("Tab");
        const source = `(${matches})(document.activeElement)`;
        if (await page.evaluate(source)) return;
      }
      throw new Error("Tab does not reach it.");
    };
    await page.getByLabel("Token", { exact: true }).waitFor();
    await focusOn((element) => element.getAttribute("type") === "password");
    await page.keyboard.type(tokens.full);
    await page.keyboard.press("Enter");
    await rowOf(page, "food-0").waitFor();
    await page.keyboard.press("/");
    await eventually(() => page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toMatch(
      /^Search by/,
    );
    // The list of suggestions is no stop: it closes when the field loses the focus.
    await filterOf(page).focus();
    await page.getByRole("listbox", { name: "Suggestions" }).waitFor();
    await page.keyboard.press("Tab");
    const menu = page.getByRole("button", { name: "Add filter" });
    await eventually(() => menu.evaluate((button) => button === document.activeElement)).toBe(true);
    await focusOn((element) => element.getAttribute("role") === "grid");
    await page.locator(".status-keys").waitFor();
    const active = () => page.getByRole("grid").getAttribute("aria-activedescendant");
    for (const row of ["row-1", "row-2"]) {
      await page.keyboard.press("ArrowDown");
      await eventually(active).toBe(row);
    }
    await page.keyboard.press("Enter");
    await drawerOf(page).getByText("Dish 2 of Japan").waitFor();
    await focusOn((element) => element.textContent === "Find similar");
    await page.keyboard.press("Enter");
    await page.getByText("similar to").waitFor();
    await page.getByText("1.0000").first().waitFor();
    await page.keyboard.press("Escape");
    await drawerOf(page).waitFor({ state: "detached" });
    await eventually(() => page.evaluate(() => document.activeElement?.getAttribute("role"))).toBe("grid");
    await page.getByRole("button", { name: "Code", exact: true }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("tab", { name: "curl" }).focus();
    await page.keyboard.press("End");
    await page.getByRole("tab", { name: "Python", selected: true }).waitFor();
    await page.getByRole("tabpanel", { name: "Python" }).getByText("from upstash_vector").waitFor();
    await closeDialog(page);
  });

  it("changes metadata digit for digit, and deletes after a question", async () => {
    const post = (path: string, body: string) =>
      fetch(`${new URL(emulator.url).origin}/foods/${path}`, {
        method: "POST",
        headers: { Authorization: `Bearer ${tokens.full}` },
        body,
      });
    const metadata = '{"region":"Japan","energy":12,"price":1.0,"tweet":9007199254741005}';
    // Other tests count the records.
    onTestFinished(async () => {
      await post("upsert", `{"id":"food-12","vector":[1,2,3,4,5,6,7,8],"metadata":${metadata}}`);
    });
    const { page } = await open("?record=food-12");
    const drawer = drawerOf(page);
    await drawer.getByRole("button", { name: "Edit metadata" }).click();
    const field = page.getByLabel("JSON object. Vector and text stay as they are.");
    const before = await field.inputValue();
    await field.fill("{ no json");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Not valid JSON: ").waitFor();
    await field.fill(before.replace('"Japan"', '"Kyoto"'));
    await page.getByRole("button", { name: "Save" }).click();
    await drawer.getByText("Kyoto").waitFor();
    const stored = await post("fetch", '{"ids":["food-12"],"includeMetadata":true}');
    expect(await stored.text()).toContain(metadata.replace("Japan", "Kyoto"));
    await drawer.getByRole("button", { name: "Delete" }).click();
    await page.getByText("This cannot be undone.").waitFor();
    await page.getByRole("button", { name: "Delete record" }).click();
    await page.getByText("99,999 records").waitFor();
    await rowOf(page, "food-12").waitFor({ state: "detached" });
    await eventually(() => page.evaluate(() => document.activeElement?.getAttribute("role"))).toBe("grid");
  });

  it("lets a read-only token read and not write", async () => {
    const { page } = await open("?record=food-3", tokens.readOnly);
    const drawer = drawerOf(page);
    await drawer.getByText("This token is read-only.").waitFor();
    await eventually(() => drawer.getByRole("button", { name: /Delete|Edit/ }).count()).toBe(0);
    await page.getByRole("tab", { name: "Requests and faults" }).click();
    await page.getByText("The full token is needed").waitFor();
  });

  it("runs no script of a text, a name, an id or metadata", async () => {
    const { page } = await open("", tokens.texts);
    await page.getByRole("row").filter({ hasText: "onerror" }).first().click();
    const drawer = drawerOf(page);
    await drawer.getByRole("heading", { name: attack }).waitFor();
    // Escape closes what is open; pressed too early, it would close the record.
    await filterOf(page).click();
    await page.getByRole("listbox", { name: "Suggestions" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Columns" }).click();
    await page.getByRole("button", { name: "Code", exact: true }).click();
    await closeDialog(page);
    await drawer.getByRole("button", { name: "Edit metadata" }).click();
    await closeDialog(page);
    await page.getByRole("button", { name: attack }).click();
    await rowOf(page, "x").waitFor();
    await page.getByLabel("Search by text").fill(attack);
    await page.keyboard.press("Enter");
    await page.getByText("No record matches").or(rowOf(page, "x")).waitFor();
    expect(await page.evaluate(() => "pwned" in window)).toBe(false);
  });

  it("searches by text and by id, and names what cannot be read", async () => {
    const { page } = await open("?text=lentil+stew", tokens.texts);
    await rowOf(page, "stew").waitFor();
    await page.getByRole("row").nth(1).filter({ hasText: "stew" }).waitFor();
    // The choice leads into the field.
    await page.locator(".segment", { hasText: "Id" }).click();
    await page.getByLabel("Search by id").and(page.locator(":focus")).waitFor();
    await page.keyboard.type("so*");
    await page.keyboard.press("Enter");
    await statusOf(page).getByText("1 record", { exact: true }).waitFor();
    // Arrow keys stay among the choices: the next one may be meant.
    await page.getByRole("radio", { name: "Id" }).focus();
    await page.keyboard.press("ArrowLeft");
    await page.getByRole("radio", { name: "Vector", checked: true }).waitFor();
    await page.keyboard.press("/");
    await page.getByLabel("Search by vector").and(page.locator(":focus")).waitFor();
    await page.getByLabel("Search by vector").fill("1, two");
    await page.keyboard.press("Enter");
    await page.getByText('"two" is not a number.').waitFor();
  });

  it("shows requests of other clients live, and switches an outage on and off", async () => {
    const { page } = await open("?tab=emulator", tokens.texts);
    await page.getByText("Live", { exact: true }).waitFor();
    await textIndex().fetch(["soup"]);
    await page.getByRole("cell", { name: "POST /texts/fetch" }).first().waitFor();
    await page.getByRole("switch", { name: "Outage" }).click();
    await page.locator(".fault-on").waitFor();
    await expect(textIndex().fetch(["soup"])).rejects.toThrow("Service Unavailable");
    await page.getByText("503", { exact: true }).first().waitFor();
    await page.getByRole("switch", { name: "Outage" }).click();
    await page.locator(".fault-on").waitFor({ state: "detached" });
    expect(await textIndex().fetch(["soup"])).toHaveLength(1);
  });

  it("offers its actions in the palette", async () => {
    const { page } = await open("?record=soup", tokens.texts);
    await drawerOf(page).getByText("A warm soup of lentils").waitFor();
    await rowOf(page, "stew").waitFor();
    const choose = async (words: string, name: string) => {
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox", { name: /^Go to/ }).fill(words);
      await page.getByRole("option", { name, exact: true, selected: true }).waitFor();
      await page.keyboard.press("Enter");
    };
    await choose("code", "This request as code");
    await closeDialog(page);
    await choose("similar", "Find records similar to soup");
    await page.getByText("similar to").waitFor();
    await choose("show all", "Show all records");
    await page.getByText("similar to").waitFor({ state: "detached" });
    await choose("filter", "Filter the records");
    await eventually(() => filterOf(page).evaluate((field) => field === document.activeElement)).toBe(true);
    await choose("requests", "Requests and faults");
    await page.getByRole("switch", { name: "Outage" }).waitFor();
  });

  it("fits on a phone", async () => {
    const { page } = await open("", tokens.full, { viewport: phone });
    await rowOf(page, "food-0").click();
    await page.getByRole("dialog").getByText("Dish 0 of India").waitFor();
    expect(await smallTargets(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(phone.width);
    // The record lies above the rows that it asks for.
    await page.getByRole("button", { name: "Find similar" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByText("similar to").waitFor();
    await page.getByRole("combobox", { name: "Namespace" }).waitFor();
    expect(await violations(page)).toEqual([]);
    expect(await smallTargets(page)).toEqual([]);
  });

  it("has no barrier that axe-core finds, in any state, light and dark", async () => {
    const { page } = await watched();
    const found = async (shown: Page) => {
      const light = await violations(shown);
      // Only colours differ in the dark theme.
      await shown.emulateMedia({ colorScheme: "dark" });
      const dark = await violations(shown, ["color-contrast"]);
      await shown.emulateMedia({ colorScheme: "light" });
      return [...light, ...dark];
    };
    await page.goto(`${new URL(emulator.url).origin}/data`);
    const field = page.getByLabel("Token", { exact: true });
    await field.waitFor();
    expect(await found(page), "sign-in").toEqual([]);
    await field.fill(tokens.full);
    await page.keyboard.press("Enter");
    await rowOf(page, "food-4").click();
    await drawerOf(page).getByText("Dish 4").waitFor();
    expect(await found(page), "table and drawer").toEqual([]);
    await filterOf(page).fill("region == 1");
    await page.locator(".filter-mark").waitFor();
    expect(await found(page), "fault of a filter").toEqual([]);
    await filterOf(page).fill("region = ");
    await page.getByRole("option", { name: "'India'" }).waitFor();
    expect(await found(page), "suggestions").toEqual([]);
    await page.keyboard.press("Escape");
    await page.getByRole("option").first().waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "Columns" }).click();
    await page.getByRole("group", { name: "Columns" }).waitFor();
    expect(await found(page), "columns").toEqual([]);
    await page.getByRole("button", { name: "Code", exact: true }).click();
    await page.getByRole("dialog").waitFor();
    expect(await found(page), "code").toEqual([]);
    await closeDialog(page);
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").waitFor();
    expect(await found(page), "question before a deletion").toEqual([]);
    await closeDialog(page);
    await page.getByRole("tab", { name: "Requests and faults" }).click();
    await page.getByText("Live", { exact: true }).waitFor();
    expect(await found(page), "requests and faults").toEqual([]);
  });
});
