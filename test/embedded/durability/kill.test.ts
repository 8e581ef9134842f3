import { join } from "node:path";
import { expect, it } from "vitest";
import { VectorIndex } from "../../../src/embedded/index.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";
import { startApplier } from "./applier.ts";
import { seededRandom, seedOf } from "./random.ts";
import {
  emptyModel,
  hybridSettings,
  idsFound,
  type Model,
  randomOperations,
  statesOf,
  textOfIndex,
  textOfModel,
} from "./scenario.ts";

/** `DURABILITY_ROUNDS=100 npx vitest run test/embedded/durability/kill.test.ts` for the long run. */
const rounds = Number(process.env.DURABILITY_ROUNDS ?? 8);

it(`EMB-2: keeps what it acknowledged, and the batch in flight whole or not at all, when killed ${rounds} times`, async () => {
  const seed = seedOf("kill");
  const random = seededRandom(seed);
  const path = join(temporaryDirectory(), "index.sqlite");
  let model: Model = emptyModel;
  const outcomes = { acknowledged: 0, inFlightKept: 0, inFlightGone: 0 };
  for (let round = 0; round < rounds; round++) {
    const place = `seed ${seed}, round ${round}`;
    const operations = randomOperations(random, model, 60, 200);
    const states = statesOf(model, operations);
    const applier = startApplier(path, operations);
    await applier.reached(random.below(40));
    await applier.killAfter(random.below(12));
    const { acknowledged } = applier;

    const index = VectorIndex.open({ path, settings: hybridSettings });
    const found = textOfIndex(index);
    const landed = [acknowledged, acknowledged + 1].find(
      (count) => states[count] && textOfModel(states[count]) === found,
    );
    expect(landed, `${place}: neither what was acknowledged nor that and the next`).toBeDefined();
    model = states[landed as number] as Model;
    expect(index.verify().faults, place).toEqual([]);
    for (const [namespace, records] of model) {
      expect(await idsFound(index, namespace), place).toEqual([...records.keys()].sort());
    }
    index.close();
    outcomes.acknowledged += acknowledged;
    outcomes[landed === acknowledged ? "inFlightGone" : "inFlightKept"]++;
  }
  console.log(`kill: ${rounds} rounds`, outcomes);
}, 600_000);
