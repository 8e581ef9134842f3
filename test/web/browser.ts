import { fileURLToPath } from "node:url";
import { type Browser, type BrowserContextOptions, chromium as driver, type Page } from "playwright-core";
import { expect, vi } from "vitest";
import { chromium } from "../helpers/tools.ts";

// A page answers slowly on a busy machine. These are limits for a page that hangs, nothing is measured with them.
const patienceMs = 60_000;
vi.setConfig({ testTimeout: 3 * patienceMs, hookTimeout: 3 * patienceMs });

/** An expectation of what a page will show: a page changes after an event, not with it. */
export function eventually<Value>(read: () => Value | Promise<Value>): ReturnType<typeof expect.poll<Value>> {
  return expect.poll(read, { timeout: patienceMs });
}

/** The browser of this machine. @throws {Error} without one: ask `chromium.obstacle` first */
export async function launchBrowser(): Promise<Browser> {
  if (chromium.path === undefined) throw new Error(chromium.obstacle);
  return await driver.launch({ executablePath: chromium.path, args: ["--no-sandbox", "--disable-gpu"] });
}

const desktop = { width: 1440, height: 900 } as const;
export const phone = { width: 390, height: 844 } as const;

/** `SLOWNESS=6`: pages run six times slower, to find tests that depend on the speed of the machine. */
const slowness = Number(process.env.SLOWNESS ?? 1);

const watchFocus = fileURLToPath(new URL("./watch-focus.js", import.meta.url));

/** What went wrong on a page: uncaught errors, resources that its policy (CSP) blocked, focus that was lost. */
export interface WatchedPage {
  readonly page: Page;
  readonly faults: readonly string[];
}

/** A page in a context of its own, with everything noted that must not happen on it. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: desktop, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(patienceMs);
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => {
    if (/Content Security Policy|TrustedHTML|Trusted Type|Lost focus/i.test(message.text()))
      faults.push(message.text());
  });
  await page.addInitScript({ path: watchFocus });
  if (slowness > 1) {
    const devtools = await context.newCDPSession(page);
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: slowness });
  }
  return { page, faults };
}
