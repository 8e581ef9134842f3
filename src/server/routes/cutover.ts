import { createRoute, z } from "@hono/zod-openapi";
import type { CutoverOperator, CutoverOverview, OperatorChange } from "../../cutover/operator.ts";
import { type Caller, requireAllNamespaces, requireScope } from "../caller.ts";
import type { ServerApp } from "../environment.ts";
import { HttpError } from "../http-error.ts";
import { problems, requestProblems } from "../responses.ts";
import {
  type CutoverAction,
  type CutoverResponse,
  cutoverActionSchema,
  cutoverActions,
  cutoverSchema,
} from "../schemas/cutover.ts";

const show = createRoute({
  method: "get",
  path: "/api/cutover",
  summary: "The stage of the cutover, its gates, rules and history",
  tags: ["cutover"],
  responses: {
    200: { description: "The cutover", content: { "application/json": { schema: cutoverSchema } } },
    ...problems(401, 403, 503),
  },
});

const act = createRoute({
  method: "post",
  path: "/api/cutover/{action}",
  summary: "Change the stage",
  description:
    "`advance` and `finish` need open gates. 409 says what is missing, and nothing was changed. `rollback` waits for nothing.",
  tags: ["cutover"],
  request: {
    params: z.object({ action: z.enum(cutoverActions) }),
    body: { content: { "application/json": { schema: cutoverActionSchema } } },
  },
  responses: {
    200: { description: "The cutover after it", content: { "application/json": { schema: cutoverSchema } } },
    ...requestProblems,
    ...problems(409),
  },
});

/** `GET /api/cutover`, `POST /api/cutover/{action}`. */
export function cutoverRoutes(app: ServerApp, operator: CutoverOperator): void {
  app.openapi(show, async (context) => {
    requireOperator(context.get("caller"));
    return context.json(toResponse(await operator.overview()), 200);
  });
  app.openapi(act, async (context) => {
    const caller = context.get("caller");
    requireOperator(caller);
    const { action } = context.req.valid("param");
    const { reason, canaryPercent, isForced } = context.req.valid("json") ?? {};
    const author = { who: nameOf(caller), ...(reason !== undefined && { reason }) };
    const options = {
      ...(canaryPercent !== undefined && { canaryPercent }),
      ...(isForced !== undefined && { isForced }),
    };
    const actions: Record<CutoverAction, () => Promise<OperatorChange | undefined>> = {
      start: () => operator.start(author),
      advance: () => operator.advance(author, options),
      rollback: () => operator.rollback(author),
      cancel: () => operator.cancel(author),
      pause: async () => void (await operator.pause(author)),
      resume: async () => void (await operator.resume(author)),
      finish: () => operator.finish(author, options),
    };
    const change = await actions[action]();
    if (change && !change.isDone) throw refused(action, change.missing);
    return context.json(toResponse(await operator.overview()), 200);
  });
}

/** A cutover is about every namespace. */
function requireOperator(caller: Caller): void {
  requireScope(caller, "operate");
  requireAllNamespaces(caller);
}

function refused(action: string, missing: readonly { readonly message: string }[]): HttpError {
  return new HttpError(
    409,
    "cutover",
    `The cutover does not ${action}. ${missing.map(({ message }) => message).join(" ")}`,
  );
}

function nameOf({ keyId }: Caller): string {
  return keyId === undefined ? "an operator on this machine" : `key ${keyId}`;
}

function toResponse(overview: CutoverOverview): CutoverResponse {
  const { control, names, lag, gates, rules, history, processes, marks, next, pause, since } = overview;
  return {
    stage: control.stage,
    isPaused: pause !== undefined,
    since: since === undefined ? null : new Date(since).toISOString(),
    source: names.source,
    target: names.target,
    leader: control.leader,
    isHeld: control.hold !== undefined,
    canaryShare: control.stage === "canary" ? control.canaryPercent / 100 : null,
    lag: control.isRecording ? { records: lag.records, seconds: lag.seconds } : null,
    queued: marks.queued,
    processes: {
      all: processes.length,
      confirmed: processes.filter(({ epoch }) => epoch >= control.epoch).length,
    },
    next: next ?? null,
    gates: gates.map(({ wants, has, isOpen, next: step }) => ({
      title: wants,
      isOpen,
      detail: step === undefined ? has : `${has}. ${step}`,
    })),
    rules: rules.map(({ name, state, sentence }) => ({ name, state, sentence })),
    history: history.map(({ at, event, from, to, who, reason }) => ({
      time: new Date(at).toISOString(),
      event: from === to ? event : `${event}: ${from} to ${to}`,
      by: who,
      reason: reason === "" ? null : reason,
    })),
  };
}
