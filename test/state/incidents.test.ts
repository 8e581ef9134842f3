import { expect, it } from "vitest";
import {
  actOnIncident,
  closeIncident,
  listIncidents,
  openIncident,
  updateIncident,
} from "../../src/state/incidents.ts";
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
        isKept: false,
        notes: [],
      },
    ]);
    expect(await state.transaction((session) => closeIncident(session, id))).toBe(false);
  });

  it("wait for a person who keeps them open, take their report once, and keep who did what", async () => {
    const state = await create().open();
    const act = (id: string, action: "note" | "keep-open" | "close", text = "") =>
      state.transaction((session) => actOnIncident(session, id, { action, by: "Ada", text }));
    const end = (id: string, report: string) =>
      state.transaction((session) => closeIncident(session, id, { report }));
    const { id } = await state.transaction((session) =>
      openIncident(session, { kind: "rollback", title: "one", isKept: true }),
    );
    expect(await end(id, "# Report")).toBe(true);
    expect(await end(id, "# Another")).toBe(false);
    await act(id, "note", "Asked the vendor");
    const [open] = await state.transaction((session) => listIncidents(session, { isOpen: true }));
    expect(open).toMatchObject({ report: "# Report", closedAt: undefined, isKept: true });
    expect((await act(id, "close"))?.closedAt).toBeGreaterThan(0);
    expect(await act(id, "keep-open", "It is back")).toMatchObject({ closedAt: undefined, isKept: true });
    const [kept] = await state.transaction((session) => listIncidents(session));
    expect(kept?.notes.map(({ action, by, text }) => [action, by, text])).toEqual([
      ["note", "Ada", "Asked the vendor"],
      ["close", "Ada", ""],
      ["keep-open", "Ada", "It is back"],
    ]);
    expect(await act("unknown", "close")).toBeUndefined();
  });

  it("take their report although a person closed them before it was written", async () => {
    const state = await create().open();
    const report = await state.transaction(async (session) => {
      const { id } = await openIncident(session, { kind: "rollback", title: "one" });
      await actOnIncident(session, id, { action: "close", by: "Ada", text: "" });
      expect(await listIncidents(session, { hasReport: true })).toEqual([]);
      await closeIncident(session, id, { report: "# Report" });
      return (await listIncidents(session, { hasReport: true, isOpen: false }))[0]?.report;
    });
    expect(report).toBe("# Report");
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
