import { describe, expect, it } from "vitest";
import { CoolDown } from "../../../src/store/policies/fallback/cool-down.ts";

/** A cool-down on a clock that the test sets. */
function setUp() {
  const clock = { now: 0 };
  const options = { failuresAllowed: 2, firstMs: 100, longestMs: 300, now: () => clock.now };
  return { clock, coolDown: new CoolDown(options) };
}

describe("CoolDown", () => {
  it("pauses after two failures in a row, and lets one call try after the pause", () => {
    const { clock, coolDown } = setUp();
    coolDown.failed();
    coolDown.succeeded();
    coolDown.failed();
    expect(coolDown.mayCall()).toBe(true);
    coolDown.failed();
    expect(coolDown.mayCall()).toBe(false);
    clock.now = 100;
    expect([coolDown.mayCall(), coolDown.mayCall()]).toEqual([true, false]);
    coolDown.succeeded();
    expect([coolDown.mayCall(), coolDown.mayCall()]).toEqual([true, true]);
  });

  it("doubles the pause with each failed trial, up to the longest", () => {
    const { clock, coolDown } = setUp();
    coolDown.failed();
    coolDown.failed();
    for (const pause of [100, 200, 300, 300]) {
      clock.now += pause - 1;
      expect(coolDown.mayCall()).toBe(false);
      clock.now += 1;
      expect(coolDown.mayCall()).toBe(true);
      coolDown.failed();
    }
  });

  it("learns nothing from a call that its caller gave up", () => {
    const { clock, coolDown } = setUp();
    coolDown.failed();
    coolDown.failed();
    clock.now = 100;
    expect(coolDown.mayCall()).toBe(true);
    coolDown.abandoned();
    expect(coolDown.mayCall()).toBe(true);
  });

  it("pauses by a clock that cannot be set back", () => {
    const wall = Date.now;
    try {
      const coolDown = new CoolDown({ failuresAllowed: 1, firstMs: 1, longestMs: 1 });
      coolDown.failed();
      Date.now = () => wall() - 3_600_000;
      const begun = performance.now();
      while (performance.now() - begun < 5);
      expect(coolDown.mayCall()).toBe(true);
    } finally {
      Date.now = wall;
    }
  });
});
