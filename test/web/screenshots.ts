import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import { openPage } from "./browser.ts";
import { dataScreens } from "./data-screens.ts";
import { type Fixture, startFixture } from "./fixture.ts";
import { serviceScreens } from "./service-screens.ts";
import { smallTargets } from "./touch-targets.ts";

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
/** `SIZE=phone`, `THEME=dark`: only this size or this theme. */
const { SIZE: onlySize, THEME: onlyTheme } = process.env;
const target = ".screenshots";

/** `DOCUMENTS=1`: only the pictures in docs/images. */
const isForDocuments = process.env.DOCUMENTS !== undefined;
const pictures: readonly (readonly [file: string, state: string, size: Size, theme: Theme])[] = [
  ["ask-comparison", "ask-compare", document, "dark"],
  ["ask-phone", "ask-answer", sizes[2], "light"],
  ["dashboard", "dashboard-good", wide, "light"],
  ["dashboard-breach", "dashboard-bad", wide, "dark"],
  ["data", "data-record", sizes[0], "light"],
  // Last: it shows the time of an answer, and the first one starts everything up.
  ["ask", "ask-answer", document, "light"],
];

const data = dataScreens();
const states = [...data.states, ...serviceScreens];

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
    const small = size.name === "phone" && theme === "light" ? await smallTargets(page) : [];
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
    if (small.length > 0) throw new Error(`${name}: too small for a thumb:\n${small.join("\n")}`);
  };

  it.each(isForDocuments ? [] : states.filter(({ name }) => name.includes(only)))(
    "$name",
    async ({ name }) => {
      for (const size of sizes.filter(({ name: each }) => each === (onlySize ?? each))) {
        for (const theme of themes.filter((each) => each === (onlyTheme ?? each)))
          await take(name, size, theme, join(target, `${name}-${size.name}-${theme}`));
      }
    },
  );

  it.each(isForDocuments ? pictures : [])("docs/images/%s.png", async (file, name, size, theme) => {
    await take(name, size, theme, join("docs/images", file));
  });
});
