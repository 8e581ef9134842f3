import { describe, expect, it } from "vitest";
import { standardGuards } from "../../src/cutover/guards.ts";
import type { View } from "../../src/cutover/presence.ts";
import { chooseStore, type ReadChoice, type ReadRequest, readableChoices } from "../../src/cutover/reads.ts";
import type { Protocol } from "../../src/cutover/rules/protocol.ts";
import { type Control, initialControl } from "../../src/state/cutover/rows.ts";
import { shortTiming } from "./pair.ts";

const protocol: Protocol = {
  guards: standardGuards,
  timing: shortTiming,
  transaction: () => Promise.reject(new Error("A choice reads no row.")),
};

/** The target leads, and is level. */
const leads: Control = { ...initialControl, stage: "target", leader: "target", level: "level" };
const rollsBack: Control = { ...leads, hold: { id: "back", to: "source", stage: "source", since: 0 } };

/** As of now, with a write that the source has lacked for so many milliseconds. */
function viewOf(control: Control, sourceLagMs?: number): View {
  const at = 100_000;
  const first = sourceLagMs === undefined ? undefined : { sequence: 7, opened: at - sourceLagMs };
  return { control, at, askedAt: 0, lastSequence: 9, first, firstQueued: undefined };
}

function choiceOf(view: View, request: Partial<ReadRequest> = {}): Pick<ReadChoice, "side" | "isStale"> {
  const { side, isStale } = chooseStore(protocol, view, { canaryPlace: 0, now: 0, ...request });
  return { side, isStale };
}

const tooOld = shortTiming.readBoundMs + 1;

describe("the store that answers a read (rule 14)", () => {
  it("a rollback moves reads to the source at once, and says which writes it may lack", () => {
    expect(choiceOf(viewOf(rollsBack, 10))).toEqual({ side: "source", isStale: false });
    // A write whose outcome is not known keeps the source behind for a whole lease.
    expect(choiceOf(viewOf(rollsBack, tooOld))).toEqual({ side: "source", isStale: true });
    expect(choiceOf(viewOf(leads, tooOld))).toEqual({ side: "target", isStale: false });
  });

  it("during a rollback, a user sees his own write: the target answers if the source lacks it", () => {
    expect(choiceOf(viewOf(rollsBack, 10), { after: 6 })).toEqual({ side: "source", isStale: false });
    expect(choiceOf(viewOf(rollsBack, tooOld), { after: 6 })).toEqual({ side: "source", isStale: true });
    expect(choiceOf(viewOf(rollsBack, 10), { after: 7 })).toEqual({ side: "target", isStale: false });
    // Both stores lack a write for too long, and only the target has his.
    const view = { ...viewOf(rollsBack, tooOld), firstQueued: { sequence: 8, opened: 100_000 - tooOld } };
    expect(choiceOf(view, { after: 7 })).toEqual({ side: "target", isStale: true });
    // His write waits: neither store has it.
    expect(choiceOf(view, { after: 8 })).toEqual({ side: "source", isStale: true });
  });

  it("a follower that gets its lost records again is not read before it is level", () => {
    const sidesAt = (level: Control["level"]) =>
      readableChoices(protocol, viewOf({ ...leads, level }), { canaryPlace: 0, now: 0 }).map(
        ({ side }) => side,
      );
    expect(sidesAt("touching")).toEqual(["target"]);
    expect(sidesAt("draining")).toEqual(["target"]);
    expect(sidesAt("level")).toEqual(["target", "source"]);
  });

  it("a leading store that came back empty comes last, and its answer is stale", () => {
    const control: Control = { ...initialControl, stage: "shadow-read", level: "level", lost: "source" };
    expect(choiceOf(viewOf(control))).toEqual({ side: "target", isStale: false });
    expect(choiceOf(viewOf({ ...control, level: "touching" }))).toEqual({ side: "source", isStale: true });
  });
});
