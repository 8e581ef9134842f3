import { describe, expect, it } from "vitest";
import { CutoverOperator } from "../../../src/cutover/operator.ts";
import type { RoutedStore } from "../../../src/cutover/routed-store.ts";
import { EvidenceStore } from "../../../src/cutover/watch/evidence-store.ts";
import {
  FigureRecorder,
  mergeFigures,
  noFigures,
  type ShadowFigures,
} from "../../../src/cutover/watch/figures.ts";
import { type Gate, type GateInput, gatesOf, stepsOf } from "../../../src/cutover/watch/gates.ts";
import {
  type ComparisonResult,
  evidenceAfter,
  type IntegrityEvidence,
} from "../../../src/cutover/watch/integrity.ts";
import { SampleWalk } from "../../../src/cutover/watch/sample-walk.ts";
import { defaultThresholds } from "../../../src/cutover/watch/thresholds.ts";
import { verifyStores } from "../../../src/cutover/watch/verify-stores.ts";
import { TimeoutError } from "../../../src/foundation/errors.ts";
import { type FailedRecords, initialControl } from "../../../src/state/cutover/rows.ts";
import { documents, memoryStore } from "../../store/policies/stores.ts";
import { advanceTo, change, Pair, quiet } from "../pair.ts";

const hourMs = 3_600_000;
const now = 100 * hourMs;
const { integrityMs } = defaultThresholds;

const whole: IntegrityEvidence = {
  beganAt: now - hourMs,
  at: now - hourMs,
  isGood: true,
  startEpoch: 2,
  checked: 765,
  total: 765,
  differences: 0,
  differing: [],
  missed: [],
};

/** The gate of the stage `canary`. */
function gateOf(name: Gate["name"], input: Partial<GateInput>): Gate | undefined {
  const status = {
    control: { ...initialControl, stage: "shadow-read", isRecording: true, startEpoch: 2 },
    at: now,
    lag: { records: 0, seconds: 0, queuedSeconds: 0 },
    failing: [],
  } as unknown as GateInput["status"];
  const noEvidence = { figures: noFigures, recent: noFigures, integrity: undefined };
  const nothing = { status, history: [], rules: [], ...noEvidence };
  return gatesOf({ ...nothing, ...input }, defaultThresholds).find((gate) => gate.name === name);
}

it("the gate of the lag names why copies fail, and not that one should wait (CUT-1)", () => {
  const lag = { records: 765, seconds: 60, queuedSeconds: 0 };
  const nextAt = (failing: readonly FailedRecords[]) => {
    const control = { ...initialControl, stage: "shadow-read" };
    return gateOf("lag", { status: { control, at: now, lag, failing } as unknown as GateInput["status"] })
      ?.next;
  };
  expect(nextAt([])).toContain("Wait");
  expect(nextAt([{ reason: "upstash: Invalid auth token", records: 765, attempts: 8, key: undefined }])).toBe(
    "Copies fail (upstash: Invalid auth token). Find the cause: ragfood doctor",
  );
});

it("the gate of failing shadow reads names why they fail, and steps that several gates share are listed once (CUT-1)", () => {
  const recorder = new FigureRecorder();
  const comparison = {
    overlap: 1,
    isSameFirst: true,
    servedMs: 10,
    shadowMs: 12,
    namespace: "",
    differing: [],
  };
  const failed = { ...comparison, overlap: undefined, isSameFirst: undefined };
  recorder.onComparison({ ...comparison, error: undefined });
  for (let read = 0; read < 2; read++) {
    recorder.onComparison({ ...failed, error: new TimeoutError("upstash", "No answer.") });
  }
  const [taken, none] = [recorder.take(), recorder.take()];
  const figures = mergeFigures([taken, none, { ...noFigures, shadow: none.shadow }]);
  expect(gateOf("shadow-errors", { figures, recent: figures })).toMatchObject({
    has: "2 of 3: timeout (2 times)",
    next: "Shadow reads of the target fail. Find the cause: ragfood doctor",
  });
  // The fault is over: an operator who looks for it finds nothing.
  recorder.onComparison({ ...comparison, error: undefined });
  expect(gateOf("shadow-errors", { figures, recent: recorder.take() })?.next).toBe(
    "No shadow read fails now. Wait: a failure counts for 300 s (CUTOVER_WINDOW_S).",
  );
  const gates = ["comparison", "shadow-errors", "shadow-latency"] as const;
  const closed = gates.flatMap((name) => gateOf(name, {}) ?? []);
  expect(closed.map(({ has }) => has)).toEqual(Array(3).fill("no shadow read yet"));
  expect(stepsOf(closed)).toEqual(["Wait for more questions."]);
});

describe("the gate of the comparison is closed (CUT-1)", () => {
  it.each<[string, Partial<IntegrityEvidence>, RegExp]>([
    ["by one record of many, as verify --sample 1 compares", { checked: 1 }, /^1 of 765 records/],
    ["below 95 % of 1,000 records", { checked: 949, total: 50_000, isRandom: true }, /^949 of 50,000/],
    ["for an empty collection", { checked: 0, total: 0 }, /held no record to compare/],
    ["if a namespace was left out", { missed: ["tenant"] }, /none of namespace "tenant"/],
    ["if it is too old", { beganAt: now - integrityMs - 1 }, / 24 h ago/],
    ["by a difference", { isGood: false, differences: 2 }, /2 differences/],
  ])("the gate of the comparison is closed %s", (_, found, words) => {
    const gate = gateOf("integrity", { integrity: { ...whole, ...found } });
    expect(gate).toMatchObject({ isOpen: false, has: expect.stringMatching(words) });
  });

  it("and open after a comparison of every record, or of 95 % of 1,000 that were drawn at random", () => {
    expect(gateOf("integrity", { integrity: whole })?.isOpen).toBe(true);
    const sample = { ...whole, checked: 950, total: 50_000 };
    expect(gateOf("integrity", { integrity: { ...sample, isRandom: true } })?.isOpen).toBe(true);
    // A service compares the first records first.
    expect(gateOf("integrity", { integrity: sample })?.isOpen).toBe(false);
  });
});

describe("the gate of the shadow reads is closed (CUT-1)", () => {
  const shadow: ShadowFigures = {
    comparisons: 100,
    errors: 0,
    empty: 0,
    overlap: 100,
    sameFirst: 100,
    servedMs: 100,
    shadowMs: 100,
  };
  const isOpen = (figures: Partial<ShadowFigures>) =>
    gateOf("comparison", { figures: { ...noFigures, shadow: { ...shadow, ...figures } } })?.isOpen;

  it("by a slow target, from the first reads on: waiting for more of them does not help", () => {
    const slow = { ...shadow, comparisons: 5, servedMs: 15, shadowMs: 130 };
    expect(gateOf("shadow-latency", { figures: { ...noFigures, shadow: slow } })).toMatchObject({
      isOpen: false,
      next: expect.stringContaining("CUTOVER_FAST_ENOUGH_MS"),
    });
  });

  it("without questions, and by questions to which neither store finds anything", () => {
    expect(isOpen({})).toBe(true);
    expect(isOpen({ comparisons: 0, overlap: 0 })).toBe(false);
    expect(isOpen({ empty: 100, overlap: 0 })).toBe(false);
    expect(isOpen({ comparisons: 199, empty: 100, overlap: 99 })).toBe(false);
    expect(isOpen({ comparisons: 200, empty: 100 })).toBe(true);
  });
});

describe("a comparison replaces the one that is kept (CUT-2)", () => {
  const found: ComparisonResult = {
    startEpoch: 2,
    beganAt: now,
    isWhole: false,
    checked: 765,
    total: 765,
    differences: 0,
    listed: [],
    missed: [],
  };
  const keys = (count: number) =>
    Array.from({ length: count }, (_, place) => ({ namespace: "", id: `${place}` }));
  const bad: IntegrityEvidence = { ...whole, isGood: false, differences: 2, differing: keys(2) };
  const weighed = (
    result: Partial<ComparisonResult>,
    current?: IntegrityEvidence,
    considered: IntegrityEvidence | "nothing" | undefined = current,
  ) =>
    evidenceAfter(
      { ...found, ...result },
      {
        startEpoch: 2,
        current,
        considered: considered === "nothing" ? undefined : considered,
        now,
        integrityMs,
      },
    );

  it("but not if it began before the start, or under an earlier one", () => {
    expect(weighed({ startEpoch: 0 })).toBe("outdated");
    expect(weighed({ startEpoch: 1 }, { ...whole, startEpoch: 1 })).toBe("outdated");
    expect(weighed({}, { ...bad, startEpoch: 1 })).toMatchObject({ isGood: true });
  });

  it("but a few records do not hide differences that another process has found meanwhile", () => {
    expect(weighed({ checked: 1 }, bad, "nothing")).toBe("contradicted");
    expect(weighed({ isWhole: true }, bad, { ...whole, at: 1 })).toBe("contradicted");
    expect(weighed({ differences: 1, listed: [{ namespace: "", id: "x" }] }, bad, "nothing")).toMatchObject({
      differences: 3,
      differing: [{ id: "x" }, { id: "0" }, { id: "1" }],
    });
  });

  it("but a sample does not clear more differences than are known by name", () => {
    const many = { ...bad, differences: 500, differing: keys(250) };
    expect(weighed({}, many)).toBe("contradicted");
    expect(weighed({ isWhole: true }, many)).toMatchObject({ isGood: true });
    expect(weighed({}, bad)).toMatchObject({ isGood: true });
  });

  it("but a smaller sample does not replace a whole comparison, until that is old", () => {
    expect(weighed({ checked: 1 }, whole)).toBe("weaker");
    expect(weighed({ missed: ["tenant"] }, whole)).toBe("weaker");
    const random = { ...whole, checked: 1_000, total: 50_000, isRandom: true };
    expect(weighed({ checked: 1_000, total: 50_000 }, random)).toBe("weaker");
    expect(weighed({ checked: 1 }, { ...whole, beganAt: now - integrityMs })).toMatchObject({ checked: 1 });
  });
});

const author = { who: "test" };

/** A pair in `shadow-read` that holds the documents. */
async function levelPair(namespaces: readonly string[] = [""]) {
  const pair = new Pair();
  const store = pair.join();
  for (const namespace of namespaces) await pair.source.upsert(documents, { namespace });
  await advanceTo(store, "shadow-read");
  await quiet(store);
  const state = pair.openState();
  const { protocol } = store.runtime.parts;
  const stores = { source: pair.source, target: pair.target };
  const verify = (size: number, options: { readonly repairs?: boolean } = {}) =>
    verifyStores({ protocol, state, pair: "main", stores, integrityMs }, { size, settleMs: 20, ...options });
  const operator = new CutoverOperator({
    protocol,
    state,
    pair: "main",
    thresholds: { ...defaultThresholds, minimumRequests: 1 },
    names: { source: "chroma", target: "upstash" },
    stores: () => stores,
    fit: { copy: "vectors", targetEmbeds: true },
  });
  return { pair, store, state, stores, verify, operator };
}

async function comparedIn(operator: CutoverOperator): Promise<string | undefined> {
  return (await operator.overview()).gates.find(({ name }) => name === "integrity")?.has;
}

async function settled(store: RoutedStore): Promise<void> {
  const { presence } = store.runtime;
  await expect.poll(async () => (await presence.look()).control.isRecording).toBe(false);
}

describe("a verification of a cutover (CUT-1, CUT-2)", () => {
  const all = Number.POSITIVE_INFINITY;

  it("counts for the gates only if it compares enough, and says so if it does not", async () => {
    const { verify, operator } = await levelPair(["", "tenant"]);
    const one = await verify(1);
    // At least one record of each namespace, however small the sample.
    expect(one).toMatchObject({ checked: 2, missed: [], differences: 0 });
    expect(one.countsNotBecause).toContain("too few for the gates");
    const two = await verify(all);
    expect(two).toMatchObject({ checked: 2 * documents.length, countsNotBecause: undefined });
    expect((await verify(1)).countsNotBecause).toContain("An earlier comparison of more records counts");
    expect(await comparedIn(operator)).toContain(
      `${2 * documents.length} of ${2 * documents.length} records`,
    );
  });

  it("looks again at what differed, so that a small sample does not hide it", async () => {
    const { pair, verify, operator } = await levelPair();
    const id = documents.at(-1)?.id ?? "";
    await pair.target.upsert([{ id, text: "altered", metadata: {} }]);
    expect(await verify(all)).toMatchObject({ differences: 1 });
    expect(await verify(1)).toMatchObject({ differences: 1, listed: [{ id }] });
    expect(await comparedIn(operator)).toContain("1 difference");
  });

  it("has the records that differ copied again, and never writes a store itself (rule 15)", async () => {
    const { pair, store, operator, verify } = await levelPair();
    const [first, last] = [documents[0]?.id ?? "", documents.at(-1)?.id ?? ""];
    await pair.target.upsert([{ id: first, text: "altered", metadata: {} }]);
    await pair.target.delete({ ids: [last] });
    expect(await verify(all)).toMatchObject({ differences: 2, toCopyAgain: 0 });
    const gate = (await operator.overview()).gates.find(({ name }) => name === "integrity");
    expect(gate?.next).toContain("ragfood cutover verify --repair");
    expect(await verify(all, { repairs: true })).toMatchObject({ differences: 2, toCopyAgain: 2 });
    await quiet(store);
    expect(await verify(all)).toMatchObject({ differences: 0, countsNotBecause: undefined });
    await change(store, "rollback");
    await settled(store);
    await pair.target.delete({ ids: [last] });
    expect(await verify(all, { repairs: true })).toMatchObject({ differences: 1, toCopyAgain: 0 });
  });

  it("does not count for a cutover that starts after it, nor after a rollback", async () => {
    const { store, verify, operator } = await levelPair();
    await verify(all);
    expect(await comparedIn(operator)).toContain("0 differences");
    await change(store, "rollback");
    await settled(store);
    expect((await verify(all)).countsNotBecause).toContain("has not started");
    await advanceTo(store, "shadow-read");
    expect(await comparedIn(operator)).toBe("none");
  });

  it("of an empty store proves nothing", async () => {
    const { verify } = await levelPair([]);
    const found = await verify(all);
    expect([found.checked, found.countsNotBecause]).toEqual([0, expect.stringContaining("holds no record")]);
  });

  it("does not open a gate for records that came after it", async () => {
    const { store, state, verify, operator } = await levelPair();
    await verify(all);
    await advanceTo(store, "canary", 50);
    const figures = new FigureRecorder();
    for (const side of ["source", "target"] as const) {
      figures.onRead({ side, store: side, milliseconds: 1, outcome: "ok", isStale: false });
    }
    await new EvidenceStore(state, "main").add("p", figures.take());
    await store.upsert(documents, { namespace: "later" });
    await quiet(store);
    const { gates } = await operator.overview();
    expect(gates.map(({ isOpen }) => isOpen)).toEqual([true, true, true]);
    const [total, before] = [2 * documents.length, documents.length];
    expect(await operator.advance(author)).toEqual({
      isDone: false,
      missing: [
        {
          message: `target needs a new comparison: the leading store holds ${total} records, and held ${before} at the last one. Next: ragfood cutover verify`,
        },
      ],
    });
    await verify(all);
    expect(await operator.advance(author)).toEqual({ isDone: true });
  });
});

describe("samples of a service (CUT-2)", () => {
  function walkOf(source = memoryStore(), target = memoryStore()) {
    const walk = new SampleWalk({
      stores: { source, target },
      pending: async () => new Set(),
      settleMs: 1,
      integrityMs,
    });
    return { source, target, walk };
  }
  const sample = { leader: "source", startEpoch: 2, now, size: 2 } as const;

  it("take each namespace in turn, and name those that were not reached", async () => {
    const { source, target, walk } = walkOf();
    for (const store of [source, target]) {
      await store.upsert(documents);
      await store.upsert(documents.slice(0, 1), { namespace: "tenant" });
    }
    expect(await walk.next(sample)).toMatchObject({ checked: 2, missed: ["tenant"] });
    expect(await walk.next(sample)).toMatchObject({ checked: 3, missed: [] });
  });

  it("do not count what was compared under an earlier start, or too long ago", async () => {
    const { source, target, walk } = walkOf();
    for (const store of [source, target]) await store.upsert(documents);
    expect((await walk.next(sample)).checked).toBe(2);
    expect((await walk.next(sample)).checked).toBe(4);
    expect((await walk.next({ ...sample, startEpoch: 7 })).checked).toBe(2);
    expect((await walk.next({ ...sample, startEpoch: 7, now: now + integrityMs + 1 })).checked).toBe(2);
  });
});
