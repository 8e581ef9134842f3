import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  type Browser,
  type BrowserContextOptions,
  type ConsoleMessage,
  chromium as driver,
  type Page,
} from "playwright-core";
import { expect, vi } from "vitest";
import { chromium } from "../helpers/tools.ts";

// A page answers slowly on a busy machine. These are limits for a page that hangs, nothing is measured with them.
const patienceMs = 60_000;
vi.setConfig({ testTimeout: 3 * patienceMs, hookTimeout: 3 * patienceMs });

/** An expectation of what a page will show: a page changes after an event, not with it. */
export function eventually<Value>(read: () => Value | Promise<Value>): ReturnType<typeof expect.poll<Value>> {
  return expect.poll(read, { timeout: patienceMs, interval: 20 });
}

const desktop = { width: 1440, height: 900 } as const;
export const phone = { width: 390, height: 844 } as const;

/** `SLOWNESS=6`: pages run six times slower, to find tests that depend on the speed of the machine. */
const slowness = Number(process.env.SLOWNESS ?? 1);

const watchFocus = fileURLToPath(new URL("./watch-focus.js", import.meta.url));
const beginSession = readFileSync(new URL("./begin-session.js", import.meta.url), "utf8")
  .trim()
  .replace(/;$/, "");

/** One browser and one page for all the tests of a process: to start a page takes longer than most tests. */
let browser: Promise<Browser> | undefined;
let idlePage: Page | undefined;

export interface PageOptions {
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: "light" | "dark";
  /** What the session storage of each origin holds when the test opens it first. */
  readonly session?: Readonly<Record<string, string>>;
  /** A context of its own, which has loaded nothing yet. Default: that of the tests before. */
  readonly context?: BrowserContextOptions;
}

/** What went wrong on a page: uncaught errors, resources that its policy (CSP) blocked, focus that was lost. */
export interface WatchedPage {
  readonly page: Page;
  readonly faults: readonly string[];
  /** Ends the use of the page. */
  close(): Promise<void>;
}

/**
 * A page for one test, with everything noted that must not happen on it. The page may have served another test: it
 * starts blank, without storage, cookies and routes of that one. Scripts that a test adds are its own to dispose of.
 *
 * @throws {Error} without a browser: ask `chromium.obstacle` first
 */
export async function openPage(options: PageOptions = {}): Promise<WatchedPage> {
  const { viewport = desktop, colorScheme = "light", session = {}, context } = options;
  const page = context ? await newPage(context) : await takePage();
  await page.setViewportSize(viewport);
  await page.emulateMedia({ media: "screen", colorScheme, reducedMotion: "reduce" });
  const given = JSON.stringify({ test: randomUUID(), session });
  const storage = await page.addInitScript({ content: `(${beginSession})(${given})` });
  const faults: string[] = [];
  const onError = (error: Error) => void faults.push(String(error));
  const onConsole = (message: ConsoleMessage) => {
    if (/Content Security Policy|TrustedHTML|Trusted Type|Lost focus/i.test(message.text()))
      faults.push(message.text());
  };
  page.on("pageerror", onError);
  page.on("console", onConsole);
  const close = async () => {
    // One page is kept.
    if (context || idlePage) return await page.context().close();
    await page.unrouteAll({ behavior: "ignoreErrors" });
    await page.goto("about:blank");
    await page.mouse.move(0, 0);
    await storage.dispose();
    await page.context().clearCookies();
    page.off("pageerror", onError);
    page.off("console", onConsole);
    idlePage = page;
  };
  return { page, faults, close };
}

/** The page that the last test left, or a new one if there is no such page. */
async function takePage(): Promise<Page> {
  const page = idlePage;
  idlePage = undefined;
  return page === undefined || page.isClosed() ? await newPage({}) : page;
}

async function newPage(options: BrowserContextOptions): Promise<Page> {
  browser ??= launch();
  const context = await (await browser).newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(patienceMs);
  await page.addInitScript({ path: watchFocus });
  if (slowness > 1) {
    const devtools = await context.newCDPSession(page);
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: slowness });
  }
  return page;
}

/** Starting a process takes longer than what a page does in it. */
const fewProcesses = [
  "--disable-gpu",
  "--in-process-gpu",
  "--renderer-process-limit=1",
  "--disable-site-isolation-trials",
];

/** It ends with this process. */
async function launch(): Promise<Browser> {
  if (chromium.path === undefined) throw new Error(chromium.obstacle);
  return await driver.launch({ executablePath: chromium.path, args: ["--no-sandbox", ...fewProcesses] });
}
