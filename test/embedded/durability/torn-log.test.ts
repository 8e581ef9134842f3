import { copyFileSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { VectorIndex } from "../../../src/embedded/index.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";
import { startApplier } from "./applier.ts";
import { seededRandom, seedOf } from "./random.ts";
import {
  emptyModel,
  hybridSettings,
  randomOperations,
  statesOf,
  textOfIndex,
  textOfModel,
} from "./scenario.ts";

it("EMB-2: opens with a log cut anywhere, and holds a prefix of what was acknowledged, never a torn batch", async () => {
  const random = seededRandom(seedOf("torn log"));
  const directory = temporaryDirectory();
  const path = join(directory, "index.sqlite");
  const operations = randomOperations(random, emptyModel, 60, 30);
  const states = statesOf(emptyModel, operations).map(textOfModel);
  const applier = startApplier(path, operations);
  await applier.reached(30);
  await applier.killAfter(random.below(10));

  const whole = statSync(`${path}-wal`).size;
  const cuts = Array.from({ length: 40 }, () => random.below(whole)).sort((left, right) => left - right);
  const landed = [0, ...cuts, whole].map((length, trial) => {
    const torn = join(directory, `torn-${trial}.sqlite`);
    copyFileSync(path, torn);
    copyFileSync(`${path}-wal`, `${torn}-wal`);
    truncateSync(`${torn}-wal`, length);
    const index = VectorIndex.open({ path: torn, settings: hybridSettings });
    const found = textOfIndex(index);
    expect(index.verify().faults).toEqual([]);
    index.close();
    expect(states, `the log cut at ${length} of ${whole} bytes`).toContain(found);
    return { first: states.indexOf(found), last: states.lastIndexOf(found) };
  });

  for (const [trial, { last }] of landed.entries()) {
    expect(last).toBeGreaterThanOrEqual(landed[trial - 1]?.first ?? 0);
  }
  expect(landed[0]?.first).toBeLessThan(applier.acknowledged);
  const full = landed.at(-1) as { first: number; last: number };
  expect(full.last).toBeGreaterThanOrEqual(applier.acknowledged);
  expect(full.first).toBeLessThanOrEqual(applier.acknowledged + 1);
});
