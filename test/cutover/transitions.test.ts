import { describe, expect, it } from "vitest";
import { type CutoverEvent, leaders, type Transition, transitions } from "../../src/cutover/transitions.ts";
import { type Stage, stages } from "../../src/state/cutover/rows.ts";

const events: readonly CutoverEvent[] = ["start", "advance", "rollback", "settle", "finish"];
const cells = stages.flatMap((stage) =>
  events.map((event) => ({ stage, event, cell: transitions[stage][event] })),
);

describe("the table of transitions (CUT-1)", () => {
  it("goes through all stages in order", () => {
    const way = ["start", "advance", "advance", "advance", "finish"] as const;
    let stage: Stage = "source";
    const passed: string[] = [stage];
    for (const event of way) {
      const cell: Transition = transitions[stage][event];
      if (!("to" in cell)) continue;
      stage = cell.to;
      passed.push(stage);
    }
    expect(passed).toEqual(stages);
  });

  it("goes back to the source from each stage but the first and the last", () => {
    const back = stages.filter((stage) => "to" in transitions[stage].rollback);
    expect(back).toEqual(["dual-write", "shadow-read", "canary", "target"]);
    expect(back.map((stage) => transitions[stage].rollback)).toEqual(
      back.map(() => expect.objectContaining({ to: "source", requires: [] })),
    );
  });

  it("changes the leader only under a hold, or at the end", () => {
    const held = cells.filter(({ cell }) => "isHeld" in cell);
    expect(held.map(({ stage, event }) => `${stage} ${event}`)).toEqual([
      "canary advance",
      "target rollback",
    ]);
    for (const { stage, cell } of cells) {
      if ("to" in cell && leaders[cell.to] !== leaders[stage]) expect(cell).toHaveProperty("isHeld");
    }
  });

  it("advances only from a confirmed stage without a hold, with a level target", () => {
    for (const { event, cell } of cells) {
      if (event === "advance" && "to" in cell)
        expect(cell.requires).toEqual(["no-hold", "confirmed", "level"]);
    }
  });

  it("says why it refuses", () => {
    for (const { cell } of cells) if ("refusal" in cell) expect(cell.refusal).toMatch(/\.$/);
  });
});
