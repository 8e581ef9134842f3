import { expect, it } from "vitest";
import {
  acknowledgeAlert,
  fireAlert,
  listAlerts,
  pruneAlerts,
  recoverAlert,
  settleAlertMessage,
  takeAlertMessages,
} from "../../src/state/alerts.ts";
import { describeOnEachStore } from "./contract.ts";

const errors = { key: "objective:errors", severity: "ticket", sentence: "Too many errors." } as const;

describeOnEachStore("alerts", (create) => {
  it("fire once although two replicas see the breach (OPS-2)", async () => {
    const store = create();
    const replicas = [await store.open(), await store.open()];
    const fired = await Promise.all(
      replicas.map((state) => state.transaction((session) => fireAlert(session, errors, true))),
    );
    expect(fired.filter((change) => change !== undefined)).toHaveLength(1);
    const taken = await Promise.all(
      replicas.map((state, index) =>
        state.transaction((session) => takeAlertMessages(session, `replica-${index}`, 60_000)),
      ),
    );
    expect(taken.flat().map(({ kind }) => kind)).toEqual(["firing"]);
  });

  it("escalate once, do not go back, and recover once", async () => {
    const state = await create().open();
    const fire = (severity: "page" | "ticket") =>
      state.transaction((session) => fireAlert(session, { ...errors, severity }, true));
    expect((await fire("ticket"))?.kind).toBe("firing");
    expect((await fire("page"))?.kind).toBe("escalated");
    expect(await fire("ticket")).toBeUndefined();
    const recover = () => state.transaction((session) => recoverAlert(session, errors.key, true));
    expect((await recover())?.state).toBe("recovered");
    expect(await recover()).toBeUndefined();
    expect((await fire("ticket"))?.kind).toBe("firing");
    const alerts = await state.transaction((session) => listAlerts(session));
    expect(alerts.map((alert) => alert.state).sort()).toEqual(["firing", "recovered"]);
  });

  it("send their messages in the order of events, also of one millisecond", async () => {
    const state = await create().open();
    const messages = await state.transaction(async (session) => {
      await fireAlert(session, { ...errors, severity: "ticket" }, true);
      await fireAlert(session, { ...errors, severity: "page" }, true);
      await recoverAlert(session, errors.key, true);
      await session.run("UPDATE alert_messages SET created_at = 0");
      return await takeAlertMessages(session, "replica", 60_000);
    });
    expect(messages.map(({ kind }) => kind)).toEqual(["firing", "escalated", "recovered"]);
  });

  it("keep who acknowledged them until they get worse or end", async () => {
    const state = await create().open();
    const fire = (severity: "page" | "ticket") =>
      state.transaction((session) => fireAlert(session, { ...errors, severity }, false));
    const id = (await fire("ticket"))?.alert.id ?? "";
    const acknowledge = (alert: string) =>
      state.transaction((session) => acknowledgeAlert(session, alert, { by: "Ada", text: "on it" }));
    const list = () => state.transaction((session) => listAlerts(session));
    expect(await acknowledge("none")).toBeUndefined();
    expect((await acknowledge(id))?.acknowledgement).toMatchObject({ by: "Ada", text: "on it" });
    expect((await list())[0]?.acknowledgement?.at).toBeGreaterThan(0);
    await fire("page");
    expect((await list())[0]?.acknowledgement).toBeUndefined();
    await state.transaction((session) => recoverAlert(session, errors.key, false));
    expect(await acknowledge(id)).toMatchObject({ state: "recovered", acknowledgement: undefined });
  });

  it("leave a message to another process if the one that took it dies", async () => {
    const state = await create().open();
    await state.transaction((session) => fireAlert(session, errors, true));
    const take = (holder: string, leaseMs: number) =>
      state.transaction((session) => takeAlertMessages(session, holder, leaseMs));
    const [message] = await take("dies", -1);
    expect((await take("lives", 60_000)).map(({ id }) => id)).toEqual([message?.id]);
    const settle = (holder: string, outcome: "failed" | "delivered") =>
      state.transaction((session) => settleAlertMessage(session, message!.id, holder, outcome));
    // Too late: the message belongs to the other one.
    await settle("dies", "failed");
    await settle("lives", "delivered");
    const [alert] = await state.transaction((session) => listAlerts(session, { isFiring: true }));
    expect(alert?.notification).toBe("delivered");
  });

  it("retry a message when its time has come, and count the attempts", async () => {
    const state = await create().open();
    await state.transaction((session) => fireAlert(session, errors, true));
    const take = () => state.transaction((session) => takeAlertMessages(session, "one", 60_000));
    const [message] = await take();
    await state.transaction((session) =>
      settleAlertMessage(session, message!.id, "one", { retryMs: 60_000 }),
    );
    expect(await take()).toEqual([]);
    await state.transaction((session) => session.run("UPDATE alert_messages SET due_at = 0"));
    expect((await take()).map(({ attempts }) => attempts)).toEqual([1]);
  });

  it("are pruned with their messages when they have ended, and kept while they fire", async () => {
    const state = await create().open();
    await state.transaction((session) => fireAlert(session, errors, true));
    const prune = () => state.transaction((session) => pruneAlerts(session, Number.MAX_SAFE_INTEGER));
    expect(await prune()).toBe(0);
    await state.transaction((session) => recoverAlert(session, errors.key, true));
    expect(await prune()).toBe(1);
    expect(await state.transaction((session) => takeAlertMessages(session, "one", 60_000))).toEqual([]);
  });
});
