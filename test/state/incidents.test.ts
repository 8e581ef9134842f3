import { expect, it } from "vitest";
import { closeIncident, listIncidents, openIncident, updateIncident } from "../../src/state/incidents.ts";
import { describeOnEachStore } from "./contract.ts";

describeOnEachStore("incidents", (create) => {
  it("are opened, updated and closed, and keep what was known", async () => {
    const clock = { now: 1_000 };
    const store = create();
    const state = await store.open({ now: () => clock.now });
    const { id } = await state.transaction((session) =>
      openIncident(session, { kind: "rollback", title: "Rolled back to chroma", evidence: { errors: 0.02 } }),
    );
    clock.now = 2_000;
    await state.transaction((session) => updateIncident(session, id, { report: "# What happened" }));
    clock.now = 3_000;
    expect(await state.transaction((session) => closeIncident(session, id, { title: "Over" }))).toBe(true);
    const again = await store.open();
    expect(await again.transaction((session) => listIncidents(session))).toEqual([
      {
        id,
        kind: "rollback",
        title: "Over",
        openedAt: store.kind === "sqlite" ? 1_000 : expect.any(Number),
        updatedAt: store.kind === "sqlite" ? 3_000 : expect.any(Number),
        closedAt: store.kind === "sqlite" ? 3_000 : expect.any(Number),
        evidence: { errors: 0.02 },
        report: "# What happened",
      },
    ]);
    expect(await state.transaction((session) => closeIncident(session, id))).toBe(false);
  });

  it("are listed by kind, state and time", async () => {
    const state = await create().open();
    const [first, second] = await state.transaction(async (session) => [
      await openIncident(session, { kind: "rollback", title: "one" }),
      await openIncident(session, { kind: "alert", title: "two" }),
    ]);
    await state.transaction((session) => closeIncident(session, first!.id));
    const titles = async (query: Parameters<typeof listIncidents>[1]) =>
      (await state.transaction((session) => listIncidents(session, query))).map(({ title }) => title).sort();
    expect(await titles({})).toEqual(["one", "two"]);
    expect(await titles({ isOpen: true })).toEqual(["two"]);
    expect(await titles({ isOpen: false, kind: "rollback" })).toEqual(["one"]);
    expect(await titles({ toMs: second!.openedAt - 60_000 })).toEqual([]);
    expect(await titles({ fromMs: Date.now() + 60_000 })).toEqual(["two"]);
  });
});
