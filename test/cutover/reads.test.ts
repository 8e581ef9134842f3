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
  it("a rollback moves reads to the source at once, unless it lacks a write for too long", () => {
    expect(choiceOf(viewOf(rollsBack, 10))).toEqual({ side: "source", isStale: false });
    expect(choiceOf(viewOf(rollsBack, tooOld))).toEqual({ side: "target", isStale: false });
  });

  it("a rollback does not return to a target that fails: the source answers, and says that it is stale", () => {
    const isFailing = () => true;
    expect(choiceOf(viewOf(rollsBack, tooOld), { isFailing })).toEqual({ side: "source", isStale: true });
    expect(choiceOf(viewOf(rollsBack, 10), { isFailing })).toEqual({ side: "source", isStale: false });
    // A user has to see his own write, and before the rollback the target is asked.
    expect(choiceOf(viewOf(rollsBack, tooOld), { isFailing, after: 8 })).toEqual({
      side: "target",
      isStale: false,
    });
    expect(choiceOf(viewOf(leads), { isFailing })).toEqual({ side: "target", isStale: false });
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
