import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { viewOfService, viewOfState } from "../../src/composition/service-view.ts";
import { readSettings } from "../../src/config/settings.ts";
import { ConnectionError, ServiceFaultError } from "../../src/foundation/errors.ts";
import { fireAlert } from "../../src/state/alerts.ts";
import { openIncident } from "../../src/state/incidents.ts";
import { openSqliteState } from "../../src/state/sqlite.ts";
import { project } from "../helpers/project.ts";
import { runHere } from "../helpers/run-here.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";
import { type RunningService, startService } from "../pages/running-service.ts";

describe("ragfood status (OPS-3)", () => {
  let service: RunningService;
  beforeAll(async () => {
    service = await startService({
      STORE: "embedded",
      SERVE_OPEN_TO: "nobody",
      // The machine of a test may be slow.
      OBJECTIVE_AVERAGE_MS: "60000",
      OBJECTIVE_P99_MS: "60000",
    });
  }, 60_000);
  afterAll(() => service.stop());

  const status = (words: string[], environment: Record<string, string> = {}) =>
    runHere(["status", ...words], { directory: temporaryDirectory(), environment });

  it("says what a service elsewhere says of itself, and fails unless all is well", async () => {
    const environment = { SERVICE_URL: service.url, SERVICE_KEY: service.operator.token };
    const before = await status([], environment);
    expect([before.code, before.out]).toEqual([1, expect.stringContaining("Nothing is measured yet")]);
    await service.ask(25);
    const { code, out } = await vi.waitFor(
      async () => {
        const shown = await status([], environment);
        expect(shown.out).toMatch(/^good +All objectives hold/);
        return shown;
      },
      { timeout: 60_000, interval: 500 },
    );
    expect(code).toBe(0);
    expect(out).toMatch(/met +Error rate: 0 % over 5 min, objective below 0.1 %/);
    expect(out).toMatch(/good +embedded \(primary\): answers every question/);
    expect(out).toContain("No alert fires.\nThere was no incident.");
    const json = JSON.parse((await status(["--json"], environment)).out);
    expect(json).toMatchObject({ from: service.url, condition: "good", status: { replicas: 1 }, alerts: [] });
  });

  it("names what is missing: a key, the service, or a URL that is one", async () => {
    const { code, error } = await status(["--url", service.url]);
    expect([code, error]).toEqual([1, expect.stringMatching(/wants a key[\s\S]*SERVICE_KEY/)]);
    const absent = await status(["--url", "http://127.0.0.1:9"]);
    expect([absent.code, absent.error]).toEqual([1, expect.stringContaining("No service answers at")]);
    expect((await status(["--url", "food"])).code).toBe(2);
    const open = await status(["--url", "http://food.example"], { SERVICE_KEY: service.operator.token });
    expect([open.code, open.error]).toEqual([2, expect.stringContaining("unencrypted")]);
  });
});

describe("what the state store holds of a service that is down", () => {
  async function filled() {
    const { directory } = project("RAGFOOD_DIR=.\n");
    const state = openSqliteState(join(directory, "state.sqlite3"));
    const alert = { key: "store:upstash", severity: "page", sentence: "upstash refuses the token." } as const;
    await state.transaction((session) => fireAlert(session, alert, false));
    const { id } = await state.transaction((session) =>
      openIncident(session, { kind: "alert:store:upstash", title: alert.sentence }),
    );
    return { directory, state, id };
  }

  it("is shown in its place, and is never good", async () => {
    const { state } = await filled();
    const error = new ConnectionError("ragfood", "No service answers at http://127.0.0.1:8080.");
    const view = await viewOfState(state, readSettings({}), error);
    expect(view).toMatchObject({
      condition: "unknown",
      sentence: "No service answers at http://127.0.0.1:8080. Nothing was measured yet",
      alerts: [{ key: "store:upstash", runbook: "docs/runbook.md#store" }],
      lastIncident: { title: "upstash refuses the token." },
    });
    await state.close();
  });

  it("is not needed for the status of a service that runs: incidents that cannot be read hide nothing else", async () => {
    const fault = new ServiceFaultError(
      "ragfood",
      "http://127.0.0.1:8080/api/incidents?limit=1 answered 503.",
    );
    const status = { condition: "bad", sentence: "The state store cannot be used", since: null, alerts: [] };
    const service = {
      url: "http://127.0.0.1:8080",
      status: async () => status,
      incidents: () => Promise.reject(fault),
    };
    const view = await viewOfService(
      service as unknown as Parameters<typeof viewOfService>[0],
      new AbortController().signal,
    );
    expect(view).toMatchObject({ ...status, lastIncident: undefined, incidentsFault: fault.message });
  });

  it("are its alerts, which a person can acknowledge", async () => {
    const { directory, state } = await filled();
    await state.close();
    const alerts = (...words: string[]) => runHere(["alerts", ...words], { directory });
    expect((await alerts()).out).toMatch(
      /^\w{8} {2}[\d-]+ [\d:]+ UTC {2}page {2}upstash refuses the token\. Nobody has acknowledged it\n$/,
    );
    const unknown = await alerts("ack", "nothing");
    expect([unknown.code, unknown.error]).toEqual([1, expect.stringContaining("No alert has the id")]);
    const done = await alerts("ack", "--note", "renewing the token");
    expect([done.code, done.out]).toEqual([
      0,
      expect.stringMatching(/Acknowledged by \S+ at [\d-]+ [\d:]+ UTC: renewing the token\n$/),
    ]);
    expect((await alerts("ack")).out).toBe("No alert fires that nobody knows of.\n");
    expect(JSON.parse((await alerts("list", "--json")).out).alerts).toMatchObject([
      { state: "firing", acknowledgement: { text: "renewing the token" } },
    ]);
  });

  it("are its incidents, each with its report (OPS-3)", async () => {
    const { directory, state, id } = await filled();
    await state.close();
    const incidents = (...words: string[]) => runHere(["incidents", ...words], { directory });
    expect((await incidents()).out).toMatch(
      new RegExp(
        `^${id.slice(0, 8)}  [\\d-]+ [\\d:]+ UTC  open for \\d+ (?:s|min)  upstash refuses the token\\.\n$`,
      ),
    );
    const report = await incidents(id.slice(0, 6));
    expect(report.out).toMatch(/^# upstash refuses the token\.\n[\s\S]*## Cost\n/);
    expect(JSON.parse((await incidents(id, "--json")).out)).toMatchObject({ id, closedAt: null });
    const unknown = await incidents("nothing");
    expect([unknown.code, unknown.error]).toEqual([1, expect.stringContaining("No incident has the id")]);
  });
});
