import { describe, expect, it } from "vitest";
import { readCutoverFacts } from "../../src/composition/cutover-facts.ts";
import { readSettings } from "../../src/config/settings.ts";
import { CutoverOperator } from "../../src/cutover/operator.ts";
import { defaultThresholds } from "../../src/cutover/watch/thresholds.ts";
import { verifyStores } from "../../src/cutover/watch/verify-stores.ts";
import { advanceTo, Pair, quiet } from "../cutover/pair.ts";
import { documents } from "../store/policies/stores.ts";

async function started() {
  const pair = new Pair();
  const store = pair.join();
  const state = pair.openState();
  const stores = { source: pair.source, target: pair.target };
  const { protocol } = store.runtime.parts;
  const parts = { protocol, state, pair: "main" };
  const { integrityMs } = defaultThresholds;
  const operator = new CutoverOperator({
    ...parts,
    thresholds: defaultThresholds,
    names: { source: "chroma", target: "upstash" },
    stores: () => stores,
    fit: { copy: "vectors", targetEmbeds: true },
  });
  return {
    pair,
    store,
    operator,
    verify: (size: number) => verifyStores({ ...parts, stores, integrityMs }, { size, settleMs: 20 }),
    facts: () => readCutoverFacts(readSettings({}), state),
  };
}

describe("what is recorded of a cutover (OPS-9)", () => {
  it("is nothing before its start, and then the comparisons, the stores, and what was forced", async () => {
    const { pair, store, operator, verify, facts } = await started();
    await pair.source.upsert(documents);
    await store.runtime.view();
    expect(await facts()).toBeUndefined();
    await operator.start({ who: "test" });
    await advanceTo(store, "shadow-read");
    await quiet(store);
    expect(await facts()).toMatchObject({
      stage: "shadow-read",
      hasMoved: undefined,
      fit: { isGood: true, evidence: "The source was SPARSE; the target SPARSE; copies carry vectors." },
      integrity: undefined,
      copiedWithinMs: expect.any(Number),
      forced: [],
    });
    await verify(1);
    expect((await facts())?.integrity).toMatchObject({
      isGood: undefined,
      evidence: expect.stringContaining("that is too little"),
    });
    await verify(Number.POSITIVE_INFINITY);
    expect((await facts())?.integrity?.isGood).toBe(true);
    await operator.advance({ who: "test", reason: "a trial" }, { isForced: true });
    expect(await facts()).toMatchObject({
      stage: "canary",
      parity: { isGood: undefined },
      forced: [expect.stringMatching(/canary, 5 % .*forced \(closed: comparison, .*\): a trial/)],
    });
    await operator.rollback({ who: "test" });
    expect(await facts()).toMatchObject({ stage: "source", hasMoved: false });
  });
});
