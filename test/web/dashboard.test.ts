import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { describeUnless } from "../helpers/obstacles.ts";
import { chromium } from "../helpers/tools.ts";
import { violations } from "./accessibility.ts";
import { eventually, openPage, phone, type WatchedPage } from "./browser.ts";
import { type Fixture, operateKey, startFixture } from "./fixture.ts";
import { pageFoods } from "./foods.ts";
import { smallTargets } from "./touch-targets.ts";

describeUnless(chromium.obstacle, "the page Dashboard (OPS-3, UX-1)", () => {
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

  const open = async (search = "") => {
    await page.goto(`${fixture.url}/dashboard${search}`);
    await page.locator(".u-over").first().waitFor();
    await page.getByRole("heading", { name: "Cutover" }).waitFor();
  };
  const sentence = () => page.locator(".state-line-sentence");
  const tile = (name: string) => page.getByRole("article", { name });

  it("says in one sentence that all is well, and turns it when an objective is breached", async () => {
    await open();
    await eventually(() => sentence().innerText()).toMatch(/^All objectives hold since .*, for 3 h 34 min$/);
    await eventually(() => tile("Error rate").innerText()).toMatch(/Met\s+0\.01 %\s+objective below 0\.1 %/);
    expect(await violations(page)).toEqual([]);
    fixture.scene.mood = "bad";
    await page
      .getByText(
        /^\S+ does not answer since (?:\d+ \w+, )?\d\d:\d\d, reading from upstash\. Error rate above objective, availability below objective, 99th percentile of latency above objective$/,
      )
      .waitFor();
    await page.getByText(/2 replicas · 1 lost/).waitFor();
    await page.getByText(/^Replica kitchen-3-4127-9be01c ended without signing off\. Last seen/).waitFor();
    await tile("Error rate").getByText("Breached", { exact: true }).waitFor();
    await tile("Error rate").getByText("12 % of the 30-day error budget left, measured for 9 d").waitFor();
    expect(await violations(page)).toEqual([]);
  });

  it("shows stale measures as stale, and none of them as good", async () => {
    fixture.scene.mood = "stale";
    await open();
    await eventually(() => page.locator(".objectives").getByText("Stale").count()).toBe(4);
    const good = page
      .locator(".badge-good:visible", { hasText: /Met|Good/ })
      .or(page.locator(".state-line-good, .objective-good"));
    await eventually(() => good.count()).toBe(0);
    expect(await violations(page)).toEqual([]);
  });

  it("shows what it knew as old when the connection is lost, and goes on when it is back", async () => {
    await open();
    fixture.scene.isWatched = false;
    await page.getByText(/^Connection lost/).waitFor();
    await eventually(() => sentence().innerText()).toBe("Last known: All objectives hold");
    await eventually(() => page.locator(".objectives").getByText("Met").count()).toBe(0);
    await eventually(() => page.getByRole("button", { name: "Roll back" }).isDisabled()).toBe(true);
    const good = page.locator(".panel-aside .badge-good, .objective .badge-good, .store .badge-good");
    await eventually(() => good.count()).toBe(0);
    expect(await violations(page)).toEqual([]);
    fixture.scene.isWatched = true;
    await page.getByText("Live", { exact: true }).waitFor();
    await tile("Error rate").getByText("Met", { exact: true }).waitFor();
  });

  it("says what to do when the service does not answer at all", async () => {
    fixture.scene.isWatched = false;
    await page.goto(`${fixture.url}/dashboard`);
    const alert = page.getByRole("alert");
    await alert.waitFor();
    expect(await alert.innerText()).toMatch(/overloaded.*Wait a moment/s);
    expect(await violations(page)).toEqual([]);
    fixture.scene.isWatched = true;
    await page.getByText("Live", { exact: true }).waitFor();
  });

  it("shows the values under the cursor on every chart, by pointer and by keyboard", async () => {
    await open("?range=1h");
    const legends = () => page.locator(".chart-legend").allInnerTexts();
    const changed = async (before: readonly string[]) =>
      (await legends()).filter((text, index) => text !== before[index]).length;
    const last = await legends();
    await page
      .locator(".u-over")
      .first()
      .hover({ position: { x: 200, y: 60 } });
    await eventually(() => changed(last)).toBeGreaterThan(1);
    const under = await legends();
    await page.mouse.move(5, 5);
    await eventually(legends).not.toEqual(under);
    const left = await legends();
    const latency = page.getByRole("img", { name: /^Latency:/ });
    await latency.focus();
    // Twice before the page can show the first: a held key must not lose steps.
    await latency.evaluate((chart) => {
      for (const _ of [1, 2]) {
        chart.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowLeft", bubbles: true }));
      }
    });
    await eventually(() => changed(left)).toBeGreaterThan(1);
  });

  it("keeps the chosen range and the open report in its address", async () => {
    fixture.scene.mood = "bad";
    await open();
    await page.getByText("7 days", { exact: true }).click();
    await eventually(() => page.url()).toContain("range=7d");
    await page.getByRole("button", { name: "Report" }).click();
    await page.getByRole("dialog").waitFor();
    expect(await violations(page)).toEqual([]);
    await page.reload();
    const report = page.getByRole("dialog", { name: /^Rolled back from canary/ });
    await report.waitFor();
    await report.getByText("40 of 40 answered as expected").waitFor();
    await report.getByRole("columnheader", { name: "Time (UTC)" }).waitFor();
    expect(await report.innerText()).not.toMatch(/[#*|\\]/);
    const saved = page.waitForEvent("download");
    await report.getByRole("button", { name: "Save as Markdown" }).click();
    expect((await saved).suggestedFilename()).toMatch(/^incident-.*\.md$/);
    await page.keyboard.press("Escape");
    await report.waitFor({ state: "detached" });
    await eventually(() => page.getByRole("radio", { name: "7 days" }).isChecked()).toBe(true);
    await eventually(() => page.url()).not.toContain("report=");
  });

  it("goes to the next stage only when every condition is met", async () => {
    fixture.scene.isGateClosed = true;
    await open();
    await page.getByText(/^42 records, 14.2\ss\. Wait/).waitFor();
    await page.getByText("Conditions of “New store answers”: 1 of 4 missing").waitFor();
    await eventually(() => page.getByRole("button", { name: "Next: new store answers" }).isDisabled()).toBe(
      true,
    );
  });

  it("rolls back after a confirmation, with an operate key that stays in this session", async () => {
    await open();
    await page.locator('[aria-current="step"]', { hasText: "Canary" }).waitFor();
    await page.getByRole("button", { name: "Roll back" }).click();
    const dialog = page.getByRole("dialog", { name: "Roll back?" });
    await dialog.getByText("Questions and writes go to the old store (chroma) alone.").waitFor();
    await dialog.getByText("You are on the machine of the service: no key is needed.").waitFor();
    await dialog.getByRole("button", { name: "Roll back" }).click();
    await dialog.getByText("Give your name, or use a key").waitFor();
    await dialog.getByLabel("Your name").fill("Ada");
    await dialog.getByRole("button", { name: "Roll back" }).click();
    await dialog.getByRole("alert").waitFor();
    expect(fixture.scene.stage).toBe("canary");
    await dialog.getByLabel("Operate key").fill(operateKey);
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Roll back" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.locator('[aria-current="step"]', { hasText: "Source" }).waitFor();
    expect(fixture.actions).toMatchObject([{ action: "rollback", by: "Ada" }]);
    const outcome = page.getByRole("status", { name: "Last change of the cutover" });
    await outcome.getByText("Rolled back: answers come from chroma").waitFor();
    await page.locator(".state-line").getByText("Answers come from chroma").waitFor();
    expect(await violations(page)).toEqual([]);
    expect(page.url()).not.toContain(operateKey);
    expect(await page.evaluate(() => JSON.stringify({ ...localStorage }) + document.cookie)).not.toContain(
      operateKey,
    );
  });

  it("goes on without conditions only with a reason, and shows which it skips", async () => {
    fixture.scene.isGateClosed = true;
    await open();
    await page.getByRole("button", { name: "Next stage anyway" }).click();
    const dialog = page.getByRole("dialog", { name: "Next stage anyway?" });
    await dialog.getByText("1 condition is skipped").waitFor();
    await dialog.getByText(/^42 records, 14.2\ss\. Wait/).waitFor();
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Next stage anyway" }).click();
    await dialog.getByText("Give a reason: it stays in the history.").waitFor();
    expect(fixture.actions).toEqual([]);
  });

  it("finishes only after the operator has confirmed that there is no way back (CUT-3)", async () => {
    fixture.scene.stage = "target";
    await open();
    await eventually(() => page.getByRole("button", { name: "Finish the cutover" }).isDisabled()).toBe(true);
    const changes = page.locator(".cutover-history > li");
    await eventually(() => changes.count()).toBe(4);
    await page.getByRole("button", { name: "Show all 5" }).click();
    await eventually(() => changes.last().innerText()).toContain("Started: writes go to chroma");
    await page.getByRole("button", { name: "Finish anyway" }).click();
    const dialog = page.getByRole("dialog", { name: "Finish anyway?" });
    await dialog.getByText("Writes go to the new store (upstash) alone.").waitFor();
    await dialog.getByLabel("Reason", { exact: true }).fill("chroma is switched off tonight");
    await dialog.getByRole("button", { name: "Use a key" }).click();
    await dialog.getByLabel("Operate key").fill(operateKey);
    const finish = dialog.getByRole("button", { name: "Finish anyway" });
    await finish.click();
    await dialog.getByText("Confirm that there is no way back after this.").waitFor();
    expect(fixture.actions).toEqual([]);
    await dialog.getByLabel("I know that there is no way back after this").check();
    await finish.click();
    await dialog.waitFor({ state: "detached" });
    const reason = "chroma is switched off tonight";
    expect(fixture.actions).toEqual([{ action: "finish", epoch: 6, isForced: true, reason }]);
  });

  it("takes notes for an incident, keeps it open, and shows markup in them as text (OPS-3)", async () => {
    fixture.scene.mood = "bad";
    await open("?report=incident-1");
    const report = page.getByRole("dialog", { name: /^Rolled back from canary/ });
    await report.getByText("Failed or refused: 46 of 4,210 requests").waitFor();
    const note = `<img src=x onerror="window.hasRun = true"> | # **bold** \\ <script>window.hasRun = true</script>`;
    await report.getByText("Add a note, keep it open, close it").click();
    await report.getByLabel("Note").fill(note);
    await report.getByLabel("Your name").fill("Ada");
    await report.getByRole("button", { name: "Add the note" }).click();
    await report.getByRole("cell", { name: note }).waitFor();
    expect(await page.evaluate("window.hasRun")).toBeUndefined();
    expect(await report.locator("img, script").count()).toBe(0);
    await report.getByRole("button", { name: "Keep open" }).click();
    await report.getByText("Open until someone closes it").waitFor();
    expect(await violations(page)).toEqual([]);
    await report.getByRole("button", { name: "Close the incident" }).click();
    await report.getByText("Closed", { exact: true }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("cell", { name: /^\d+ min 46 not answered, 3\.4 % of the error budget$/ }).waitFor();
  });

  it("acknowledges an alert, which stays open and turns nothing green", async () => {
    fixture.scene.mood = "bad";
    await open();
    await page.getByRole("link", { name: /^2 open: Rolled back/ }).waitFor();
    await page.getByRole("button", { name: "Acknowledge" }).click();
    const dialog = page.getByRole("dialog", { name: "Acknowledge the alert?" });
    await dialog.getByLabel("What you do about it (optional)").fill("renewing the token");
    expect(await violations(page)).toEqual([]);
    await dialog.getByLabel("Your name").fill("Ada");
    await dialog.getByRole("button", { name: "Acknowledge" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.getByText(/^Acknowledged by Ada .*, \d\d:\d\d: renewing the token$/).waitFor();
    await page.getByRole("link", { name: /^2 open \(1 acknowledged\): Rolled back/ }).waitFor();
    await page.getByText(/Another alert is acknowledged/).waitFor();
    await page.locator(".state-line-bad").waitFor();
    expect(await page.getByRole("button", { name: "Acknowledge" }).count()).toBe(0);
    expect(await violations(page)).toEqual([]);
  });

  it("shows every time in the zone of the browser, and names the zone", async () => {
    const { page: far, faults, close } = await openPage({ context: { timezoneId: "Pacific/Kiritimati" } });
    fixture.scene.mood = "bad";
    await far.goto(`${fixture.url}/dashboard`);
    await far.getByText("Times: Pacific/Kiritimati").waitFor();
    const since = await far.locator(".state-line-sentence").innerText();
    const [, shown] = /(\d\d:\d\d), reading from/.exec(since) ?? [];
    const tile = await far.getByRole("article", { name: "Error rate" }).innerText();
    expect(since).not.toContain("UTC");
    expect(tile).toContain(`${shown}`);
    await far.getByText("There is no verified backup yet").waitFor();
    const backups = far.locator(".section", { hasText: "There is no verified backup yet" });
    expect(await backups.locator(".badge").innerText()).toBe("Warning");
    await close();
    expect(faults).toEqual([]);
  });

  it("cancels a switch of the stores", async () => {
    fixture.scene.isHeld = true;
    await open();
    await page.getByText("The stores are being switched").waitFor();
    await page.getByRole("button", { name: "Cancel the switch" }).click();
    const dialog = page.getByRole("dialog", { name: "Cancel the switch?" });
    await dialog.getByText("The old store (chroma) goes on as before.").waitFor();
    await dialog.getByLabel("Reason (optional)").fill("not today");
    await dialog.getByLabel("Your name").fill("Ada");
    await dialog.getByRole("button", { name: "Cancel the switch" }).click();
    await dialog.getByLabel("Operate key").fill(operateKey);
    await dialog.getByRole("button", { name: "Cancel the switch" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Next: new store answers" }).waitFor();
    expect(fixture.actions).toEqual([{ action: "cancel", by: "Ada", epoch: 6, reason: "not today" }]);
  });

  it("offers its actions in the palette", async () => {
    await open();
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill("roll back");
    await page.getByRole("option", { name: "Cutover: Roll back", selected: true }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "Roll back?" }).waitFor();
  });

  it("fits a phone without scrolling sideways", async () => {
    await page.setViewportSize(phone);
    fixture.scene.mood = "bad";
    await open();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(phone.width);
    expect(await page.locator("#content").evaluate((main) => main.scrollWidth)).toBe(phone.width);
    expect(await violations(page)).toEqual([]);
    expect(await smallTargets(page)).toEqual([]);
  });
});
