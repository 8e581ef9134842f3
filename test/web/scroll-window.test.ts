import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ScrollWindow } from "../../web/data/table/scroll-window.ts";

const rowHeight = 33;
const viewHeight = 700;

function windowOf(count: number): ScrollWindow {
  const view = new ScrollWindow(rowHeight);
  view.resize(count, viewHeight);
  return view;
}

/** As a browser does it: the scroll position is between 0 and the end of the element. */
const furthest = (view: ScrollWindow) => Math.max(0, view.height - viewHeight);

describe("the rows in sight", () => {
  it("follow a short table pixel by pixel", () => {
    const view = windowOf(1_000);
    expect(view.height).toBe(33_000);
    view.follow(330);
    expect([view.top, view.first, view.last]).toEqual([330, 10, 31]);
  });

  it("are rows of the whole table, however long it is", () => {
    const view = windowOf(1_000_000);
    expect(view.height).toBeLessThan(10_000_000);
    view.follow(furthest(view));
    expect(view.last).toBe(999_999);
    view.follow(furthest(view) / 2);
    expect(view.first).toBeGreaterThan(499_900);
    expect(view.first).toBeLessThan(500_100);
    view.follow(0);
    expect(view.first).toBe(0);
  });

  it("move by pixels with the wheel in a long table too", () => {
    const view = windowOf(1_000_000);
    view.follow(view.show(500_000));
    const before = view.top;
    view.follow(view.settle() + 120);
    expect(Math.abs(view.top - before - 120)).toBeLessThan(1);
  });

  it("can be shown and revealed", () => {
    const view = windowOf(1_000_000);
    view.show(777_777);
    expect(view.first).toBe(777_777);
    view.reveal(777_780);
    expect(view.first).toBe(777_777);
    view.reveal(777_900);
    expect(view.last).toBe(777_900);
    view.reveal(5);
    expect(view.first).toBe(5);
  });

  it("stay inside the table whatever is scrolled, and none is out of reach", () => {
    const steps = fc.array(fc.double({ min: -2_000_000, max: 2_000_000, noNaN: true }), { maxLength: 30 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3_000_000 }), steps, (count, moves) => {
        const view = windowOf(count);
        let scrollTop = 0;
        for (const move of moves) {
          scrollTop = Math.max(0, Math.min(furthest(view), scrollTop + move));
          view.follow(scrollTop);
          expect(view.first).toBeGreaterThanOrEqual(0);
          expect(view.last).toBeLessThan(Math.max(1, count));
          expect(view.last - view.first).toBeLessThanOrEqual(Math.ceil(viewHeight / rowHeight) + 1);
          scrollTop = view.settle();
        }
        view.follow(furthest(view));
        expect(view.last).toBe(count - 1);
      }),
      { numRuns: 200 },
    );
  });
});
