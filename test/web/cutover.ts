import { OpenAPIHono } from "@hono/zod-openapi";
import { answersFrom } from "../../src/cutover/duties.ts";
import type { CutoverOperator, CutoverOverview } from "../../src/cutover/operator.ts";
import { sectionDetailsOf } from "../../src/cutover/section-details.ts";
import { leaders } from "../../src/cutover/transitions.ts";
import { noFigures, type PairFigures, type SideFigures } from "../../src/cutover/watch/figures.ts";
import { gatesOf, nextStage } from "../../src/cutover/watch/gates.ts";
import { evaluateRules } from "../../src/cutover/watch/rules.ts";
import { defaultThresholds } from "../../src/cutover/watch/thresholds.ts";
import { Latencies } from "../../src/operations/metrics/latencies.ts";
import type { StatusSection } from "../../src/operations/status/status.ts";
import { localCaller } from "../../src/server/caller.ts";
import type { ServerApp, ServerEnvironment } from "../../src/server/environment.ts";
import { cutoverRoutes } from "../../src/server/routes/cutover.ts";
import { type HistoryEntry, initialControl, type Stage } from "../../src/state/cutover/rows.ts";

/** How the cutover of the fixture is. */
export interface CutoverMood {
  readonly stage: Stage | undefined;
  readonly isPaused: boolean;
  /** Whether the follower lags too far. */
  readonly isGateClosed: boolean;
  /** Whether a change of the leader is under way. */
  readonly isHeld: boolean;
  readonly canaryPercent: number;
}

const minute = 60_000;
export const names = { source: "chroma", target: "upstash" };

/** The store that leads, which answers in the fixture. */
export function leadingStore({ stage = "source" }: Pick<CutoverMood, "stage">): string {
  return names[leaders[stage]];
}

/** What the operator of a real cutover would know of it: the gates and rules are judged as the service does. */
export function overviewOf(mood: CutoverMood, now: number): CutoverOverview {
  const { stage = "source", isPaused, isGateClosed, isHeld, canaryPercent } = mood;
  const lag = { records: isGateClosed ? 42 : 0, seconds: isGateClosed ? 14.2 : 0, queuedSeconds: 0 };
  const status = {
    control: {
      ...initialControl,
      stage,
      leader: leaders[stage],
      hold: isHeld ? { id: "hold", to: "target" as const, stage: "target" as const, since: now } : undefined,
      epoch: 6,
      isRecording: stage !== "source",
      isStartComplete: stage !== "source",
      canaryPercent,
    },
    at: now,
    marks: { open: 0, settled: lag.records, queued: isHeld ? 7 : 0, touches: 0, bytes: 0 },
    lag,
    processes: ["a", "b"].map((process) => ({ process, epoch: 6, expires: now + minute })),
    failing: [],
    parked: [],
    parkedCount: 0,
  };
  const integrity = {
    beganAt: now - 53 * minute,
    at: now - 52 * minute,
    startEpoch: initialControl.startEpoch,
    missed: [],
    isGood: true,
    checked: 765,
    total: 765,
    differences: 0,
    differing: [],
  };
  const figures: PairFigures = { ...noFigures, source: side(11_180, 41), target: side(1_240, 46) };
  const evidence = { figures, recent: figures, baseline: undefined, integrity };
  const rules = evaluateRules({ ...evidence, targetLagSeconds: lag.seconds }, defaultThresholds);
  const history = historyOf(stage, now);
  return {
    ...status,
    names,
    since: history[0]?.at,
    next: nextStage(stage),
    gates: gatesOf({ status, history, rules, ...evidence }, defaultThresholds),
    rules,
    evidence,
    missing: [],
    pause: isPaused ? { who: "operator", reason: "" } : undefined,
    verification: undefined,
    history,
  };
}

/** The same in the status. The page shows its details; the sentence is for pages without them. */
export function cutoverSection(mood: CutoverMood, now: number): StatusSection {
  const overview = overviewOf(mood, now);
  const { control } = overview;
  const details = sectionDetailsOf(overview);
  const sentence = `Stage ${control.stage}. ${answersFrom(control, names)}`;
  return { condition: "good", sentence, time: new Date(now).toISOString(), isStale: false, details };
}

/** So many reads, each of about as many milliseconds. */
function side(requests: number, milliseconds: number): SideFigures {
  const latencies = new Latencies();
  for (let count = 0; count < 100; count++) latencies.record(milliseconds * (0.8 + count / 250));
  return {
    ...noFigures.source,
    requests,
    writes: 36,
    milliseconds: requests * milliseconds,
    latencies: latencies.encode(),
  };
}

const path: readonly Stage[] = ["source", "dual-write", "shadow-read", "canary", "target"];
const minutesAgo = [1_720, 1_500, 190, 24];
const shareChangedMinutesAgo = 95;

/** Newest first. A cutover that is back at the source was rolled back from the canary. */
function historyOf(stage: Stage, now: number): HistoryEntry[] {
  const reached = stage === "source" ? 3 : path.indexOf(stage);
  const steps: HistoryEntry[] = path.slice(1, reached + 1).map((to, place) => ({
    at: now - (minutesAgo[place] as number) * minute,
    event: place === 0 ? "start" : to === "target" ? "flip" : "advance",
    from: path[place] as Stage,
    to,
    leader: leaders[to],
    epoch: place + 2,
    who: "key 3f9c2a",
    reason: to === "canary" ? "answers were compared on Monday" : "",
    evidence: "",
  }));
  const rollback: HistoryEntry = {
    at: now - 29 * minute,
    event: "rollback",
    from: "canary",
    to: "source",
    leader: "source",
    epoch: 6,
    who: "rule errors",
    reason: "41 of 1220 reads of the target failed (3.36 %); the limit is 1.00 %",
    evidence: "",
  };
  const shareChange: HistoryEntry = {
    ...rollback,
    at: now - shareChangedMinutesAgo * minute,
    event: "canary",
    to: "canary",
    epoch: 4,
    who: "key 3f9c2a",
    reason: "no difference so far",
    evidence: JSON.stringify({ canaryPercent: 50 }),
  };
  const flip = steps.at(-1);
  if (stage === "target" && flip) {
    const hold = {
      ...flip,
      at: flip.at - 2_000,
      event: "advance: hold",
      to: flip.from,
      leader: "source" as const,
    };
    steps.splice(-1, 1, shareChange, hold, { ...flip, who: "ragfood", reason: "" });
  }
  return [...(stage === "source" ? [rollback] : []), ...steps.reverse()];
}

type CutoverScene = { -readonly [Name in keyof CutoverMood]: CutoverMood[Name] };

/** The routes of the service over a cutover that is only shown; an action changes the scene, and is noted. */
export function cutoverApp(scene: CutoverScene, actions: unknown[], operateKey: string): ServerApp {
  const app = new OpenAPIHono<ServerEnvironment>();
  app.use(async (context, next) => {
    context.set("caller", localCaller);
    if (scene.stage !== undefined) return await next();
    return context.json({ code: "not-found", detail: "No cutover.", status: 404, requestId: "fixture" }, 404);
  });
  app.post("/api/cutover/:action", async (context, next) => {
    if (context.req.header("authorization") !== `Bearer ${operateKey}`) {
      const detail = "The request has no key with the scope operate.";
      return context.json({ code: "forbidden", detail, status: 403, requestId: "fixture" }, 403);
    }
    actions.push({ action: context.req.param("action"), ...(await context.req.json<object>()) });
    return await next();
  });
  const done = async (change: Partial<CutoverScene> = {}) => {
    Object.assign(scene, change);
    return { isDone: true } as const;
  };
  const operator: Pick<
    CutoverOperator,
    "overview" | "start" | "advance" | "rollback" | "cancel" | "pause" | "resume" | "finish"
  > = {
    overview: async () => overviewOf(scene, Date.now()),
    start: () => done(),
    advance: () => done(),
    rollback: () => done({ stage: "source" }),
    cancel: () => done({ isHeld: false }),
    pause: () => done({ isPaused: true }),
    resume: () => done({ isPaused: false }),
    finish: () => done(),
  };
  cutoverRoutes(app, operator as CutoverOperator);
  return app;
}
