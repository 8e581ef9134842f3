import { describe, expect, it } from "vitest";
import { FigureRecorder } from "../../src/cutover/watch/figures.ts";
import { ForbiddenError } from "../../src/foundation/errors.ts";
import { advanceTo, Pair, quiet } from "./pair.ts";

describe("a target that refuses writes while it leads (CUT-2)", () => {
  it("harms no user: writes wait in the queue, and the rules see each refusal", async () => {
    const pair = new Pair();
    const figures = new FigureRecorder();
    const store = pair.join({}, undefined, figures.onWrite);
    await pair.source.upsert([{ id: "1", text: "one", metadata: {} }]);
    await advanceTo(store, "target");
    await quiet(store);
    figures.take();
    pair.target.fault = new ForbiddenError("target", "Forbidden: /upsert is not allowed", { status: 403 });
    let queued = 0;
    for (let turn = 0; turn < 20; turn++) {
      await store.upsert([{ id: `${turn % 5}`, text: `text ${turn}`, metadata: {} }], {
        onQueued: () => queued++,
      });
    }
    expect(queued).toBe(20);
    let { failedWrites, critical } = figures.take().target;
    await expect
      .poll(() => {
        const more = figures.take().target;
        failedWrites += more.failedWrites;
        critical = { forbidden: (critical.forbidden ?? 0) + (more.critical.forbidden ?? 0) };
        return [failedWrites >= 10, (critical.forbidden ?? 0) >= 10];
      })
      .toEqual([true, true]);
    pair.target.fault = undefined;
    await quiet(store);
    expect((await pair.source.fetch(["3"]))[0]?.text).toBe("text 18");
  });
});
