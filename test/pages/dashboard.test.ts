import { expect, it, onTestFinished } from "vitest";
import type { RoutedStore } from "../../src/cutover/routed-store.ts";
import { advanceTo } from "../cutover/pair.ts";
import { describeUnless } from "../helpers/obstacles.ts";
import { chromium } from "../helpers/tools.ts";
import { violations } from "../web/accessibility.ts";
import { eventually, openPage } from "../web/browser.ts";
import { type RunningService, startService } from "./running-service.ts";

describeUnless(chromium.obstacle, "the page Dashboard of a real service (OPS-3, CUT-1)", () => {
  const started = async (environment: Record<string, string>) => {
    const service = await startService(environment);
    onTestFinished(() => service.stop());
    return service;
  };
  const opened = async ({ url }: RunningService) => {
    const { page, faults, close } = await openPage();
    onTestFinished(async () => {
      await close();
      expect(faults).toEqual([]);
    });
    await page.goto(`${url}/dashboard?range=1h`);
    return page;
  };

  it("moves while load runs, and turns its sentence when the store dies", async () => {
    // The speed of the machine must not decide, so only failures can breach an objective.
    const service = await started({
      STORE: "upstash",
      OBJECTIVE_AVERAGE_MS: "600000",
      OBJECTIVE_P99_MS: "600000",
      // Half of the requests of one minute fail; the hour before it counts as good.
      OBJECTIVE_ERRORS: "0.01",
    });
    const page = await opened(service);
    const sentence = page.locator(".state-line-sentence");
    await sentence.getByText(/^Nothing is measured yet/).waitFor();
    const tooFew = () => page.locator(".objectives").getByText("Too few requests").count();
    await eventually(tooFew).toBe(4);
    expect(await violations(page)).toEqual([]);
    await service.ask(25);
    await sentence.getByText("All objectives hold").waitFor();
    await eventually(tooFew).toBe(0);
    await page.locator(".state-line-facts", { hasText: /[1-9]\d* requests a minute/ }).waitFor();
    await service.emulator.setFaults({ isDown: true });
    await service.ask(25);
    await sentence.getByText(/^upstash .* since \d\d:\d\d: no store answers questions/).waitFor();
    await page.getByRole("article", { name: "Error rate" }).getByText("Breached", { exact: true }).waitFor();
  });

  it("changes the share of the canary and rolls back with an operate key, which the history names", async () => {
    const service = await started({
      STORE: "embedded",
      CUTOVER_TO: "upstash",
      SERVE_OPEN_TO: "nobody",
      // The wait of a start, and the leases, follow from it.
      CUTOVER_CALL_TIMEOUT_MS: "1000",
      CUTOVER_ABANDONED_MS: "100",
      CUTOVER_SPARE_MS: "500",
    });
    const { operator, application } = service;
    const { presence } = (application.routed as RoutedStore).runtime;
    const control = async () => (await presence.look()).control;
    await advanceTo(application.routed as RoutedStore, "canary", 20);
    const page = await opened(service);
    await page.getByLabel("Key", { exact: true }).fill(operator.token);
    await page.keyboard.press("Enter");
    const step = (name: string) => page.locator('[aria-current="step"]', { hasText: name }).waitFor();
    await step("Canary");
    await page.getByText("Answers come from embedded (80 %)").waitFor();

    await page.getByRole("button", { name: "Change the share" }).click();
    const share = page.getByRole("dialog", { name: "Change the share?" });
    await share.getByLabel("Share of the questions").fill("35");
    await share.getByRole("button", { name: "Change the share" }).click();
    await share.waitFor({ state: "detached" });
    await page.getByText("Answers come from embedded (65 %)").waitFor();
    expect((await control()).canaryPercent).toBe(35);

    await page.getByRole("button", { name: "Roll back" }).click();
    const dialog = page.getByRole("dialog", { name: "Roll back?" });
    await dialog.getByLabel("Reason (optional)").fill("answers are worse");
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Roll back" }).click();
    await dialog.waitFor({ state: "detached" });
    await step("Source");
    expect((await control()).stage).toBe("source");
    const [change] = await page.locator(".cutover-history li").allInnerTexts();
    expect(change).toMatch(/Rolled back: answers come from embedded|Rollback complete/);
    expect(await page.locator(".cutover-history").innerText()).toContain(
      `key ${operator.key.id} “night shift”: answers are worse`,
    );
    await page
      .getByRole("row", { name: /Rolled back from canary: answers come from embedded again/ })
      .waitFor();
  });
});
