import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { describeUnless } from "../helpers/obstacles.ts";
import { chromium } from "../helpers/tools.ts";
import { openPage } from "./browser.ts";
import { type Fixture, startFixture } from "./fixture.ts";

let fixture: Fixture;

beforeAll(async () => {
  if (chromium.obstacle !== undefined) return;
  fixture = await startFixture();
});

afterAll(() => fixture?.close());

describeUnless(chromium.obstacle, "the data browser of a service in Chromium", () => {
  it("shows the records of its store, and finds similar ones, without a token on this machine", async () => {
    const { page, faults, close } = await openPage();
    onTestFinished(close);
    await page.goto(`${fixture.url}/data`);
    await page.getByText("765 records").waitFor();
    await page.getByRole("link", { name: "Dashboard" }).waitFor();
    await page.getByRole("tab", { name: "Requests and faults" }).waitFor({ state: "detached" });
    await page.getByRole("row").filter({ hasText: "couscous" }).first().click();
    const drawer = page.getByRole("complementary", { name: "Record" });
    await drawer.getByText("Records are read-only here.").waitFor();
    await drawer.getByRole("heading", { name: "Sparse vector" }).waitFor();
    await drawer.getByRole("button", { name: "Find similar" }).click();
    await page.getByText("similar to").waitFor();
    await page.getByRole("columnheader", { name: "Score" }).waitFor();
    await page
      .getByRole("row")
      .nth(1)
      .filter({ hasText: /^1\s*couscous/ })
      .waitFor();
    expect(faults).toEqual([]);
  });

  it("asks for a key where the service needs one", async () => {
    const { page, close } = await openPage();
    onTestFinished(close);
    await page.route("**/data/session", (route) => route.fulfill({ status: 401, body: "{}" }));
    await page.goto(`${fixture.url}/data`);
    await page.getByLabel("API key").waitFor();
    await page.getByText("ragfood keys create").waitFor();
  });

  it("says that the store cannot be reached, and reads it again", async () => {
    const { page, close } = await openPage();
    onTestFinished(close);
    fixture.scene.isStoreDead = true;
    onTestFinished(() => fixture.calm());
    await page.goto(`${fixture.url}/data`);
    await page.getByText("The index cannot be read").waitFor();
    fixture.calm();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("765 records").waitFor();
  });
});
