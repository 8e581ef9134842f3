import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { AlertCenter, type AlertCenterOptions } from "../../../src/operations/alerts/alert-center.ts";
import type { Delivery } from "../../../src/operations/alerts/webhook.ts";
import { Metrics } from "../../../src/operations/metrics/metrics.ts";
import { type Alert, listAlerts } from "../../../src/state/alerts.ts";
import type { StateDatabase } from "../../../src/state/database.ts";
import { listIncidents } from "../../../src/state/incidents.ts";
import { openSqliteState } from "../../../src/state/sqlite.ts";
import { StateError } from "../../../src/state/state-error.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";
import { describeOnEachStore } from "../../state/contract.ts";

const errors = { key: "objective:errors", severity: "page", sentence: "Too many errors." } as const;

function center(state: StateDatabase, replica: string, answers: Delivery[] = []) {
  const delivered: string[] = [];
  const changes: string[] = [];
  const failures: string[] = [];
  const options: AlertCenterOptions = {
    state,
    metrics: new Metrics(),
    replica,
    webhook: {
      deliver: async ({ kind }) => {
        const answer = answers.shift() ?? { isDelivered: true };
        if (answer.isDelivered) delivered.push(`${replica} ${kind}`);
        return answer;
      },
    },
    onChange: (kind) => changes.push(kind),
    onFailure: (problem) => failures.push(problem),
  };
  return { alerts: new AlertCenter(options), delivered, changes, failures, metrics: options.metrics };
}

describeOnEachStore("alerts of several replicas", (create) => {
  it("are delivered once, and their recovery once (OPS-2)", async () => {
    const store = create();
    const replicas = [center(await store.open(), "one"), center(await store.open(), "two")];
    const all = async (work: (alerts: AlertCenter) => Promise<void>) =>
      void (await Promise.all(replicas.map(({ alerts }) => work(alerts))));
    await all((alerts) => alerts.raise(errors));
    await all((alerts) => alerts.raise(errors));
    await all((alerts) => alerts.refresh());
    expect(replicas.map(({ alerts }) => alerts.isFiring(errors.key))).toEqual([true, true]);
    await all((alerts) => alerts.recover(errors.key));
    await all((alerts) => alerts.refresh());
    // Either replica may be the one.
    expect(replicas.flatMap(({ delivered }) => delivered.map((line) => line.split(" ")[1])).sort()).toEqual([
      "firing",
      "recovered",
    ]);
    expect(replicas.flatMap(({ changes }) => changes).sort()).toEqual(["firing", "recovered"]);
    expect(replicas.map(({ alerts }) => alerts.firing)).toEqual([[], []]);
  });

  it("say what is the case now, and send nothing for it: the cause may change while they fire", async () => {
    const { alerts, delivered } = center(await create().open(), "one");
    await alerts.raise(errors);
    await alerts.raise({ ...errors, severity: "ticket", sentence: "It cannot be reached." });
    const changed = { severity: "page", sentence: "It cannot be reached." };
    expect(alerts.firing).toMatchObject([changed]);
    await alerts.refresh();
    expect([alerts.firing, delivered]).toMatchObject([[changed], ["one firing"]]);
  });

  it("survive a restart, and do not fire again after it", async () => {
    const store = create();
    const before = center(await store.open(), "one");
    await before.alerts.raise(errors);
    await before.alerts.refresh();
    const after = center(await store.open(), "two");
    await after.alerts.refresh();
    await after.alerts.raise(errors);
    await after.alerts.refresh();
    expect(after.delivered).toEqual([]);
    expect(after.alerts.firing).toMatchObject([{ key: errors.key, notification: "delivered" }]);
    expect((await after.metrics.exposition()).text).toContain(
      'ragfood_alert_firing{alert="objective:errors",severity="page"} 1',
    );
  });

  it("open an incident if someone has to act, and close it", async () => {
    const state = await create().open();
    const { alerts } = center(state, "one");
    await alerts.raise({ ...errors, severity: "ticket" });
    const incidents = () => state.transaction((session) => listIncidents(session));
    expect(await incidents()).toEqual([]);
    await alerts.raise(errors);
    expect(await incidents()).toMatchObject([{ kind: "alert:objective:errors", closedAt: undefined }]);
    await alerts.recover(errors.key);
    expect((await incidents())[0]?.closedAt).toBeGreaterThan(0);
    // A rollback has opened one, with its report.
    await alerts.raise({ ...errors, key: "cutover:rollback", hasIncident: true });
    expect(await incidents()).toHaveLength(1);
  });

  it("are tried again if the webhook fails, and given up if it refuses", async () => {
    const state = await create().open();
    const refused = { isDelivered: false, problem: "the webhook answered 404", isRetryable: false } as const;
    const down = { isDelivered: false, problem: "no connection", isRetryable: true } as const;
    const { alerts, delivered, failures } = center(state, "one", [down, refused]);
    await alerts.raise(errors);
    await alerts.refresh();
    await state.transaction((session) => session.run("UPDATE alert_messages SET due_at = 0"));
    await alerts.refresh();
    await alerts.refresh();
    expect(delivered).toEqual([]);
    expect(failures).toEqual([
      "An alert was not delivered: no connection. It is tried again.",
      "An alert was not delivered: the webhook answered 404. It is not tried again.",
    ]);
    expect(alerts.firing[0]?.notification).toBe("failed");
  });
});

describe("alerts while the state store is down", () => {
  /** A state that can be used only while it is not down. */
  async function breakable() {
    const real = openSqliteState(join(temporaryDirectory(), "state.sqlite3"));
    onTestFinished(() => real.close());
    const control = { isDown: true };
    const state: StateDatabase = {
      kind: "sqlite",
      location: real.location,
      close: async () => {},
      transaction: async (work, options) => {
        if (control.isDown) throw new StateError("unavailable", "no connection");
        return await real.transaction(work, options);
      },
    };
    const stored = () =>
      real.transaction(async (session) => ({
        alerts: await listAlerts(session),
        incidents: await listIncidents(session),
      }));
    return { state, control, stored };
  }

  it("are logged and delivered by each process itself, once, and stored later with their begin", async () => {
    const { state, control, stored } = await breakable();
    const { alerts, delivered, changes } = center(state, "one");
    await alerts.raise(errors);
    await alerts.raise(errors);
    await alerts.refresh();
    expect(alerts.firing).toHaveLength(1);
    expect(delivered).toEqual(["one firing"]);
    const { startedAt } = alerts.firing[0] as Alert;
    control.isDown = false;
    await alerts.refresh();
    const { alerts: kept, incidents } = await stored();
    expect(kept).toMatchObject([{ key: errors.key, state: "firing", startedAt }]);
    expect(incidents).toMatchObject([
      { kind: `alert:${errors.key}`, openedAt: startedAt, closedAt: undefined },
    ]);
    expect(delivered).toEqual(["one firing"]);
    expect(changes).toEqual(["firing"]);
  });

  it("are stored with their incident although they ended before the store was back", async () => {
    const { state, control, stored } = await breakable();
    const { alerts, delivered } = center(state, "one");
    await alerts.raise(errors);
    await alerts.recover(errors.key);
    alerts.addPast({ key: "state", severity: "ticket", sentence: "It was full." }, Date.now() - 50_000);
    expect(alerts.unstored.map(({ key }) => key)).toEqual([errors.key, "state"]);
    control.isDown = false;
    await alerts.refresh();
    await alerts.refresh();
    const { alerts: kept, incidents } = await stored();
    expect(kept).toMatchObject([
      { key: errors.key, state: "recovered", recoveredAt: expect.any(Number) },
      { key: "state", state: "recovered", sentence: "It was full." },
    ]);
    expect(incidents).toMatchObject([{ kind: `alert:${errors.key}`, closedAt: expect.any(Number) }]);
    expect(alerts.unstored).toEqual([]);
    expect(delivered).toEqual(["one firing", "one recovered"]);
  });
});
