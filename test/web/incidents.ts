import { OpenAPIHono } from "@hono/zod-openapi";
import { incidentReport } from "../../src/cutover/watch/incident-report.ts";
import type { Watch } from "../../src/operations/watch/watch.ts";
import { localCaller } from "../../src/server/caller.ts";
import type { ServerApp, ServerEnvironment } from "../../src/server/environment.ts";
import { incidentRoutes } from "../../src/server/routes/incidents.ts";
import type { Acknowledgement } from "../../src/state/alerts.ts";
import type { Incident, IncidentNote } from "../../src/state/incidents.ts";
import { type CutoverMood, names, overviewOf } from "./cutover.ts";
import { alertsOf, type Mood } from "./measures.ts";

const minute = 60_000;

const rolledBack: CutoverMood = {
  stage: "source",
  isPaused: false,
  isGateClosed: false,
  isHeld: false,
  canaryPercent: 0,
};

/** In a bad mood: the rollback of half an hour ago, and what people did about it since. */
function incidentsOf(mood: Mood, notes: readonly IncidentNote[], now: number): Incident[] {
  if (mood !== "bad") return [];
  const { history, rules, lag } = overviewOf(rolledBack, now);
  const [rollback] = history;
  const openedAt = now - 29 * minute;
  const last = notes.findLast(({ action }) => action !== "note");
  return [
    {
      id: "incident-1",
      kind: "rollback",
      title: "Rolled back from canary: answers come from chroma again",
      openedAt,
      updatedAt: now - 28 * minute,
      closedAt: last?.action === "close" ? last.at : undefined,
      isKept: last?.action === "keep-open",
      notes,
      evidence: { validation: { passed: 40, asked: 40 } },
      report: incidentReport({
        names,
        from: "canary",
        who: rollback?.who ?? "",
        reason: rollback?.reason ?? "",
        rules: rules.filter(({ name }) => name === "errors"),
        openedAt,
        endedAt: openedAt + 1_300,
        history: history.slice(0, 1),
        lag,
        queued: 0,
        failing: [],
        parked: [],
        parkedCount: 0,
        sourceLedAt: openedAt + 1_300,
        validation: { passed: 40, asked: 40 },
      }),
    },
  ];
}

/** The routes of the service over incidents that a test looks at; what people do about them is kept in `notes`. */
export function incidentApp(
  scene: { readonly mood: Mood; acknowledgement: Acknowledgement | undefined },
  notes: IncidentNote[],
): ServerApp {
  const app = new OpenAPIHono<ServerEnvironment>();
  app.use(async (context, next) => {
    context.set("caller", localCaller);
    await next();
  });
  const watch: Pick<Watch, "alerts" | "acknowledge" | "incidents" | "actOnIncident" | "costOf"> = {
    alerts: async () => alertsOf(scene.mood, Date.now(), scene.acknowledgement),
    acknowledge: async (id, what) => {
      scene.acknowledgement = { ...what, at: Date.now() };
      return alertsOf(scene.mood, Date.now(), scene.acknowledgement).find((alert) => alert.id === id);
    },
    incidents: async () => incidentsOf(scene.mood, notes, Date.now()),
    actOnIncident: async (id, note) => {
      notes.push({ ...note, at: Date.now() });
      return incidentsOf(scene.mood, notes, Date.now()).find((incident) => incident.id === id);
    },
    costOf: ({ openedAt, closedAt }) => ({
      durationMs: (closedAt ?? Date.now()) - openedAt,
      requests: 4_210,
      unanswered: 46,
      budgetShare: 0.034,
    }),
  };
  incidentRoutes(app, watch as Watch);
  return app;
}
