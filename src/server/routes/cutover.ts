import { createRoute, z } from "@hono/zod-openapi";
import { answersFrom } from "../../cutover/duties.ts";
import { describeChange, historyWords } from "../../cutover/history-text.ts";
import type { CutoverOperator, CutoverOverview, OperatorChange } from "../../cutover/operator.ts";
import { IndexMismatchError } from "../../foundation/errors.ts";
import { wholeNamespace } from "../../state/cutover/rows.ts";
import { StateError } from "../../state/state-error.ts";
import { type Caller, operatorName, requireAllNamespaces, requireScope } from "../caller.ts";
import type { ServerApp } from "../environment.ts";
import { HttpError } from "../http-error.ts";
import { problems, requestProblems } from "../responses.ts";
import {
  type CutoverAction,
  type CutoverResponse,
  cutoverActionSchema,
  cutoverActions,
  cutoverSchema,
  verificationRequestSchema,
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
    "`advance` and `finish` need open gates. 409 says what is missing, or which change came first, and nothing was changed. `rollback` waits for nothing. Send the `epoch` that you saw, so that of two operators one wins. Parked writes are decided on the command line: `ragfood queue`.",
  tags: ["cutover"],
  request: {
    params: z.object({ action: z.enum(cutoverActions) }),
    body: { content: { "application/json": { schema: cutoverActionSchema } } },
  },
  responses: {
    200: { description: "The cutover after it", content: { "application/json": { schema: cutoverSchema } } },
    ...requestProblems,
    ...problems(409, 504),
  },
});

const verify = createRoute({
  method: "post",
  path: "/api/cutover/verify",
  summary: "Compare the records of both stores",
  description:
    "Begins the comparison and answers at once: `verification` of `GET /api/cutover` shows its progress and result. One runs at a time; 409 if one is running.",
  tags: ["cutover"],
  request: { body: { content: { "application/json": { schema: verificationRequestSchema } } } },
  responses: {
    202: { description: "It has begun", content: { "application/json": { schema: cutoverSchema } } },
    ...requestProblems,
    ...problems(409),
  },
});

const rehearse = createRoute({
  method: "post",
  path: "/api/cutover/rehearse",
  summary: "Not over HTTP: rehearse with the command",
  description:
    "A rehearsal copies records, serves an index of its own, and sends 50 requests a second for minutes: in a process that serves users it would slow their answers. Run `ragfood cutover rehearse` on another machine, or beside the service.",
  tags: ["cutover"],
  responses: { ...problems(401, 403, 501) },
});

/** `GET /api/cutover`, `POST /api/cutover/{action}`, `POST /api/cutover/verify`. */
export function cutoverRoutes(app: ServerApp, operator: CutoverOperator): void {
  app.openapi(show, async (context) => {
    requireOperator(context.get("caller"));
    return context.json(toResponse(await operator.overview(), context.get("caller")), 200);
  });
  app.openapi(verify, async (context) => {
    const caller = context.get("caller");
    requireOperator(caller);
    const { by, sample } = context.req.valid("json") ?? {};
    const begun = await operator.beginVerification({ who: operatorName(caller, by) }, sample);
    if (!begun.isDone) throw refused("verify", begun.missing);
    return context.json(toResponse(await operator.overview(), caller), 202);
  });
  app.openapi(rehearse, (context) => {
    requireOperator(context.get("caller"));
    throw new HttpError(
      501,
      "not-over-http",
      "A rehearsal would slow the answers of this service, so it is a command.",
      { hint: "Run: ragfood cutover rehearse" },
    );
  });
  app.openapi(act, async (context) => {
    const caller = context.get("caller");
    requireOperator(caller);
    const { action } = context.req.valid("param");
    const { reason, by, canaryPercent, isForced, keepsIncidentOpen, acceptsMetricChange, epoch } =
      context.req.valid("json") ?? {};
    const author = { who: operatorName(caller, by), ...(reason !== undefined && { reason }) };
    const options = {
      epoch,
      ...(canaryPercent !== undefined && { canaryPercent }),
      ...(isForced !== undefined && { isForced }),
    };
    const actions: Record<CutoverAction, () => Promise<OperatorChange>> = {
      start: () => operator.start(author, { epoch, ...(acceptsMetricChange && { acceptsMetricChange }) }),
      advance: () => operator.advance(author, options),
      rollback: () => operator.rollback(author, { ...(keepsIncidentOpen && { keepsIncidentOpen }) }),
      cancel: () => operator.cancel(author, { epoch }),
      pause: () => operator.pause(author),
      resume: () => operator.resume(author),
      finish: () => operator.finish(author, options),
    };
    const change = await actions[action]().catch((error: unknown) => {
      throw lostAnswer(action, error) ?? fitProblem(error);
    });
    if (!change.isDone) throw refused(action, change.missing);
    return context.json(toResponse(await operator.overview(), caller), 200);
  });
}

/** That two stores do not fit is what an operator has to know, with what to do. */
function fitProblem(error: unknown): unknown {
  if (!(error instanceof IndexMismatchError)) return error;
  const { message, hint } = error;
  return new HttpError(409, "cutover", message, hint === undefined ? {} : { hint });
}

/** To send the request again, as after other failures of the state store, might do it twice. */
function lostAnswer(action: CutoverAction, error: unknown): HttpError | undefined {
  if (!(error instanceof StateError && error.mayHaveCommitted)) return undefined;
  return new HttpError(
    504,
    "outcome-unknown",
    `Whether it did ${action} is not known: the state store broke off.`,
    {
      hint: "Look at GET /api/cutover first. With the `epoch` that you saw, a request that is sent again is done once.",
    },
  );
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

function toResponse(overview: CutoverOverview, { keyName }: Caller): CutoverResponse {
  const { control, names, lag, rules, history, processes, marks, next, pause, since } = overview;
  const what = historyWords(history, names);
  return {
    stage: control.stage,
    epoch: control.epoch,
    isPaused: pause !== undefined,
    since: since === undefined ? null : new Date(since).toISOString(),
    source: names.source,
    target: names.target,
    leader: control.leader,
    answers: answersFrom(control, names),
    caller: { key: keyName ?? null },
    isHeld: control.hold !== undefined,
    canaryShare: control.stage === "canary" ? control.canaryPercent / 100 : null,
    lag: control.isRecording ? { records: lag.records, seconds: lag.seconds } : null,
    queued: marks.queued,
    parked: {
      count: overview.parkedCount,
      writes: overview.parked.map(({ sequence, namespace, id, reason, parkedAt, isDamaged }) => ({
        number: sequence,
        namespace,
        id: id === wholeNamespace ? null : id,
        reason,
        time: new Date(parkedAt).toISOString(),
        isDamaged,
      })),
    },
    failing: overview.failing.map(({ key, records, attempts, reason }) => ({
      namespace: key?.namespace ?? null,
      id: key === undefined || key.id === wholeNamespace ? null : key.id,
      records,
      attempts,
      reason,
    })),
    processes: {
      all: processes.length,
      confirmed: processes.filter(({ epoch }) => epoch >= control.epoch).length,
    },
    next: next ?? null,
    gates: gatesIn(overview),
    verification: verificationIn(overview),
    rules: rules.map(({ name, state, sentence }) => ({ name, state, sentence })),
    history: history.map((entry, place) => ({
      time: new Date(entry.at).toISOString(),
      event: describeChange(entry),
      what: what[place] as string,
      by: entry.who,
      reason: entry.reason === "" ? null : entry.reason,
    })),
  };
}

function verificationIn({ verification }: CutoverOverview): CutoverResponse["verification"] {
  if (verification === undefined) return null;
  const { state, who, beganAt, checked, total, differences, problem } = verification;
  const begun = new Date(beganAt).toISOString();
  return { state, by: who, begun, checked, total, differences, problem: problem ?? null };
}

/** With what the protocol itself waits for, so that open gates mean that the change can be made. */
function gatesIn({ gates, missing }: CutoverOverview): CutoverResponse["gates"] {
  if (gates.length === 0 && missing.length === 0) return [];
  return [
    ...gates.map(({ wants, has, isOpen, next: step }) => ({
      title: wants,
      isOpen,
      detail: step === undefined ? has : `${has}. ${step}`,
    })),
    {
      title: "the processes and the records are ready",
      isOpen: missing.length === 0,
      detail: missing.length === 0 ? "ready" : missing.map(({ message }) => message).join(" "),
    },
  ];
}
