import { type Browser, type BrowserContextOptions, chromium as driver, type Page } from "playwright-core";
import { chromium } from "../helpers/tools.ts";

/** The browser of this machine. @throws {Error} without one: ask `chromium.obstacle` first */
export async function launchBrowser(): Promise<Browser> {
  if (chromium.path === undefined) throw new Error(chromium.obstacle);
  return await driver.launch({ executablePath: chromium.path, args: ["--no-sandbox", "--disable-gpu"] });
}

const desktop = { width: 1440, height: 900 } as const;
export const phone = { width: 390, height: 844 } as const;

/** What went wrong on a page: uncaught errors, and resources that its policy (CSP) blocked. */
export interface WatchedPage {
  readonly page: Page;
  readonly faults: readonly string[];
}

/** A page in a context of its own, with everything noted that must not happen on it. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: desktop, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(8_000);
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => {
    if (/Content Security Policy|TrustedHTML|Trusted Type/i.test(message.text())) faults.push(message.text());
  });
  return { page, faults };
}
