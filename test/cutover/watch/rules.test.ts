import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  FigureRecorder,
  mergeFigures,
  noFigures,
  type PairFigures,
} from "../../../src/cutover/watch/figures.ts";
import type { IntegrityEvidence } from "../../../src/cutover/watch/integrity.ts";
import { evaluateRules, type RuleInput, type RuleName } from "../../../src/cutover/watch/rules.ts";
import { defaultThresholds } from "../../../src/cutover/watch/thresholds.ts";
import type { Side } from "../../../src/state/cutover/rows.ts";

interface Reads {
  readonly count?: number;
  readonly milliseconds?: number;
  readonly failed?: number;
  readonly outcome?: string;
}

function figuresOf(reads: Partial<Record<Side, Reads>>): PairFigures {
  const recorder = new FigureRecorder();
  for (const [side, { count = 200, milliseconds = 10, failed = 0, outcome = "timeout" }] of Object.entries(
    reads,
  ) as [Side, Reads][]) {
    for (let read = 0; read < count; read++) {
      recorder.onRead({
        side,
        store: side,
        milliseconds,
        outcome: read < failed ? outcome : "ok",
        isStale: false,
      });
    }
  }
  return recorder.take();
}

function record(recorder: FigureRecorder, outcome: string): void {
  const milliseconds = outcome === "diverted" ? 0 : 10;
  recorder.onRead({ side: "target", store: "target", milliseconds, outcome, isStale: false });
}

const intact: IntegrityEvidence = {
  at: 0,
  beganAt: 0,
  isGood: true,
  startEpoch: 2,
  checked: 500,
  total: 500,
  differences: 0,
  differing: [],
  missed: [],
};

function stateOf(name: RuleName, input: Partial<RuleInput>): string | undefined {
  const { figures = noFigures } = input;
  const all = {
    figures,
    recent: figures,
    baseline: undefined,
    integrity: intact,
    targetLagSeconds: 0,
    ...input,
  };
  return evaluateRules(all, defaultThresholds).find((rule) => rule.name === name)?.state;
}

describe("rules of rollback (CUT-2)", () => {
  it.each([
    [14, "holds"],
    [16, "broken"],
  ])("latency: %d ms where the source takes 10 is %s", (milliseconds, state) => {
    const figures = figuresOf({ source: {}, target: { milliseconds } });
    expect(stateOf("latency-mean", { figures })).toBe(state);
    expect(stateOf("latency-p95", { figures })).toBe(state);
  });

  it("latency is compared with the source of before once the source no longer answers", () => {
    const baseline = figuresOf({ source: {} }).source;
    expect(stateOf("latency-mean", { figures: figuresOf({ target: { milliseconds: 16 } }), baseline })).toBe(
      "broken",
    );
  });

  it.each([
    [2, "holds"],
    [3, "broken"],
  ])("errors: %d of 200 reads is %s", (failed, state) => {
    expect(stateOf("errors", { figures: figuresOf({ target: { failed } }) })).toBe(state);
  });

  it.each(["authentication", "not-found", "circuit-open", "quota"])(
    "critical: three failures with %s are enough, however few the reads",
    (outcome) => {
      const figures = figuresOf({ target: { count: 3, failed: 3, outcome } });
      expect(stateOf("critical", { figures })).toBe("broken");
      expect(stateOf("errors", { figures })).toBe("inconclusive");
    },
  );

  it("critical: a target that answers nothing, however seldom it is asked", () => {
    expect(stateOf("critical", { figures: figuresOf({ target: { count: 3, failed: 3 } }) })).toBe("broken");
    expect(stateOf("critical", { figures: figuresOf({ target: { count: 4, failed: 3 } }) })).toBe("holds");
  });

  it("a pause is evidence: reads that went past a paused target count as failed (VEC-9)", () => {
    const recorder = new FigureRecorder();
    for (let read = 0; read < 98; read++) record(recorder, "ok");
    for (let read = 0; read < 2; read++) record(recorder, "timeout");
    record(recorder, "diverted");
    expect(stateOf("errors", { figures: recorder.take() })).toBe("broken");
    for (let read = 0; read < 99; read++) record(recorder, "ok");
    record(recorder, "diverted");
    expect(stateOf("errors", { figures: recorder.take() })).toBe("holds");
    for (let read = 0; read < 3; read++) record(recorder, "diverted");
    const figures = recorder.take();
    expect(stateOf("critical", { figures })).toBe("broken");
    expect(figures.target).toMatchObject({ requests: 0, milliseconds: 0 });
  });

  it("ten failures are enough, however few the reads", () => {
    expect(stateOf("errors", { figures: figuresOf({ target: { count: 40, failed: 9 } }) })).toBe(
      "inconclusive",
    );
    expect(stateOf("errors", { figures: figuresOf({ target: { count: 40, failed: 10 } }) })).toBe("broken");
  });

  it.each([
    ["rate-limit", 10, 0, "broken", "holds"],
    ["forbidden", 3, 0, "inconclusive", "broken"],
    ["timeout", 2, 198, "holds", "holds"],
    ["timeout", 3, 197, "broken", "holds"],
    ["ok", 0, 5, "holds", "holds"],
  ])(
    "writes: %s of %d beside %d that succeed: rate %s, critical %s",
    (outcome, failed, ok, rate, critical) => {
      const recorder = new FigureRecorder();
      for (let write = 0; write < failed; write++) recorder.onWrite({ side: "target", outcome });
      for (let write = 0; write < ok; write++) recorder.onWrite({ side: "target", outcome: "ok" });
      const figures = recorder.take();
      expect(stateOf("write-errors", { figures })).toBe(rate);
      expect(stateOf("critical", { figures })).toBe(critical);
    },
  );

  it("lag: the target may not lack a write for longer than two leases and some", () => {
    expect(stateOf("lag", { targetLagSeconds: 59 })).toBe("holds");
    expect(stateOf("lag", { targetLagSeconds: 61 })).toBe("broken");
  });

  it("integrity: one difference is too many, and no comparison is no evidence", () => {
    expect(stateOf("integrity", { integrity: { ...intact, isGood: false, differences: 1 } })).toBe("broken");
    expect(stateOf("integrity", { integrity: undefined })).toBe("inconclusive");
  });

  it("is inconclusive without enough reads, and without a baseline", () => {
    expect(stateOf("latency-mean", { figures: figuresOf({ source: {}, target: { count: 99 } }) })).toBe(
      "inconclusive",
    );
    expect(stateOf("latency-mean", { figures: figuresOf({ target: {} }) })).toBe("inconclusive");
  });

  it("ignores the faults of callers", () => {
    const figures = figuresOf({ target: { failed: 200, outcome: "invalid-request" } });
    expect(figures.target.requests).toBe(0);
  });

  it("finds the same in the figures of one process and of many", () => {
    const read = fc.record({
      side: fc.constantFrom<Side>("source", "target"),
      milliseconds: fc.double({ min: 0, max: 10_000, noNaN: true }),
      outcome: fc.constantFrom("ok", "timeout", "quota"),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(read, fc.nat(3)), { maxLength: 60 }), (reads) => {
        const one = new FigureRecorder();
        const many = Array.from({ length: 4 }, () => new FigureRecorder());
        for (const [report, process] of reads) {
          const whole = { ...report, store: "s", isStale: false };
          one.onRead(whole);
          many[process]?.onRead(whole);
        }
        const input = (figures: PairFigures): RuleInput => ({
          figures,
          recent: figures,
          baseline: undefined,
          integrity: intact,
          targetLagSeconds: 0,
        });
        const thresholds = { ...defaultThresholds, minimumRequests: 5 };
        const judged = (figures: PairFigures) =>
          evaluateRules(input(figures), thresholds).map(({ name, state }) => [name, state]);
        expect(judged(mergeFigures(many.map((recorder) => recorder.take())))).toEqual(judged(one.take()));
      }),
      { numRuns: 50 },
    );
  });
});
