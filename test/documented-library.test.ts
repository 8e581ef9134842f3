import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import * as library from "../src/index.ts";
import { lighthouses } from "./helpers/lighthouses.ts";
import { temporaryDirectory } from "./helpers/temporary.ts";

const page = readFileSync(new URL("../docs/library.md", import.meta.url), "utf8");

it("has examples in docs/library.md that run one after another (DOC-1)", async () => {
  const blocks = Array.from(page.matchAll(/^```js\n(.*?)^```/gms), ([, block = ""]) => block);
  expect(blocks.length).toBeGreaterThan(5);
  const directory = temporaryDirectory();
  const file = join(directory, "lighthouses.json");
  writeFileSync(file, JSON.stringify(lighthouses));
  const program = blocks
    .join("\n")
    .replace(/^import (\{.*\}) from "ragfood";$/gm, "const $1 = library;")
    .replace('".ragfood"', JSON.stringify(directory))
    .replace('".ragfood-2"', JSON.stringify(join(directory, "2")))
    .replace('"lighthouses.json"', JSON.stringify(file));
  const shown: unknown[] = [];
  const show = (...values: unknown[]) => void shown.push(...values);
  const AsyncFunction = (async () => {}).constructor as new (
    ...words: string[]
  ) => (...values: unknown[]) => Promise<void>;
  await new AsyncFunction("library", "console", "process", program)(
    library,
    { log: show, error: show },
    { stdout: { write: show } },
  );
  expect(shown).toContainEqual(expect.stringMatching(/^Bell Rock: height 35/));
  expect(shown).toContainEqual(expect.stringMatching(/granite/));
  expect(shown).toContainEqual(expect.stringMatching(/^Invalid filter/));
  expect(shown).toContain("letter-counts");
});
