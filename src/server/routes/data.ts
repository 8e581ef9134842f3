import { createRoute, type RouteConfig, z } from "@hono/zod-openapi";
import { HTTPException } from "hono/http-exception";
import { maximumBatchBytes } from "../../foundation/bounded-batch.ts";
import type { Match, StoreRecord } from "../../store/document.ts";
import { readFilter } from "../../store/filter.ts";
import { recordsBytes } from "../../store/record-bytes.ts";
import type { StoreInfo, StoreSide, VectorStore } from "../../store/store.ts";
import { type Caller, namespaceFor, requireScope } from "../caller.ts";
import type { ServerApp, ServerContext } from "../environment.ts";
import { HttpError } from "../http-error.ts";
import type { ServerParts } from "../parts.ts";
import { requestSignal } from "../request-signal.ts";
import { problems, requestProblems } from "../responses.ts";
import {
  fetchBody,
  type IncludeFlags,
  type Matching,
  queryBody,
  queryDataBody,
  rangeBody,
  type ServedIndex,
  sessionSchema,
} from "../schemas/data.ts";
import { sendJson } from "../send-json.ts";
import { ValidationError } from "../validation-error.ts";

const session = createRoute({
  method: "get",
  path: "/data/session",
  summary: "The indexes that the data browser can open",
  tags: ["data"],
  responses: {
    200: {
      description: "The index of the service",
      content: { "application/json": { schema: sessionSchema } },
    },
    ...problems(401, 403, 429),
  },
});

/** What a command gets besides its body. */
interface Call {
  readonly store: VectorStore;
  readonly caller: Caller;
  readonly body: unknown;
  readonly namespace: string;
  readonly signal: AbortSignal;
}

/** The commands as OpenAPI describes them. Their handler takes any of them, and answers foreign bodies itself. */
const documented: Readonly<Record<string, { readonly summary: string; readonly body?: z.ZodType }>> = {
  info: { summary: "Counts, dimensions and namespaces of the index" },
  range: { summary: "List records, a page at a time", body: rangeBody },
  fetch: { summary: "Read records by their ids", body: fetchBody },
  query: { summary: "Find records by a vector", body: queryBody },
  "query-data": { summary: "Find records by a text", body: queryDataBody },
};

/** The commands of Upstash's API that read. */
const commands: Readonly<Record<string, (call: Call) => Promise<unknown>>> = {
  info: async ({ store, caller, signal }) => wireInfo(await store.info({ signal }), caller),
  range: readRange,
  fetch: fetchRecords,
  query: async (call) => {
    const { vector, ...rest } = parse(queryBody, call.body);
    return await query(call, { vector }, rest);
  },
  "query-data": async (call) => {
    const { data, ...rest } = parse(queryDataBody, call.body);
    return await query(call, { text: data }, rest);
  },
};

/**
 * The data browser's view of the service: reading commands of Upstash's API at `/api/index`, for the store that
 * answers questions, with its policies (encryption, fallback), and at `/api/stores/{role}` for each of the stores alone
 * if there are several. Nothing can be written here: writes of foods go through `/api/foods`, which validates them and
 * sends them to both sides of a cutover.
 */
export function dataRoutes(app: ServerApp, parts: ServerParts): void {
  const { store, sides = [] } = parts;
  app.openapi(session, (context) => {
    requireScope(context.get("caller"), "read");
    return context.json({ host: "service" as const, indexes: openIndexes(store, sides) }, 200);
  });
  for (const route of commandRoutes("/api/index")) app.openAPIRegistry.registerPath(route);
  app.post("/api/index/:command/:namespace?", (context) => answer(context, parts, store));
  if (sides.length === 0) return;
  for (const route of commandRoutes("/api/stores/{role}")) app.openAPIRegistry.registerPath(route);
  app.post("/api/stores/:role/:command/:namespace?", (context) => {
    const role = context.req.param("role");
    const side = sides.find((each) => each.role === role);
    if (side !== undefined) return answer(context, parts, side.store);
    throw new HttpError(404, "not-found", `No store has the role ${JSON.stringify(role)}.`, {
      hint: `The roles are ${sides.map((each) => each.role).join(" and ")}.`,
    });
  });
}

const roles: Readonly<Record<StoreSide["role"], string>> = {
  source: "the old store",
  target: "the new store",
  primary: "asked first",
  secondary: "asked if the first fails",
};

function openIndexes(store: VectorStore, sides: readonly StoreSide[]): ServedIndex[] {
  const access = "read" as const;
  const base = { name: store.name, base: "/api/index", access };
  if (sides.length === 0) return [base];
  return [
    { ...base, role: "answers questions" },
    ...sides.map((side) => ({
      name: side.role,
      base: `/api/stores/${side.role}`,
      access,
      role: `${side.store.name}: ${roles[side.role]}`,
    })),
  ];
}

async function answer(
  context: ServerContext,
  { limits }: ServerParts,
  store: VectorStore,
): Promise<Response> {
  const caller = context.get("caller");
  requireScope(caller, "read");
  const { command = "", namespace = "" } = context.req.param() as { command?: string; namespace?: string };
  const run = Object.hasOwn(commands, command) ? commands[command] : undefined;
  if (run === undefined) {
    throw new HttpError(403, "forbidden", `Forbidden: /${command} is not allowed`, {
      hint: "Only info, range, fetch, query and query-data are. Write foods with PUT /api/foods/{id}.",
    });
  }
  const { signal, done } = requestSignal(context, limits);
  try {
    const body = command === "info" ? undefined : await bodyOf(context);
    const place = command === "info" ? "" : namespaceFor(caller, namespace, namespace);
    return sendJson(context, { result: await run({ store, caller, body, namespace: place, signal }) });
  } finally {
    done();
  }
}

/**
 * The body of a command; `undefined` if it is empty.
 * @throws {HTTPException} 415 if it is not sent as JSON, 400 if it is not JSON
 */
async function bodyOf({ req }: ServerContext): Promise<unknown> {
  const text = await req.text();
  if (text.trim() === "") return undefined;
  if (!/\bjson\b/i.test(req.header("content-type") ?? "")) throw new HTTPException(415);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HTTPException(400, { message: "Malformed JSON in request body", cause });
  }
}

/** Each command for the default namespace, and for one that is named. */
function commandRoutes(base: string): RouteConfig[] {
  return Object.entries(documented).flatMap(([command, { summary, body }]) =>
    (command === "info" ? [""] : ["", "/{namespace}"]).map((place) => ({
      method: "post" as const,
      path: `${base}/${command}${place}`,
      summary: place === "" ? summary : `${summary}, in a namespace`,
      tags: ["data"],
      request: {
        params: z.object(
          Object.fromEntries(
            Array.from(`${base}${place}`.matchAll(/{(\w+)}/g), ([, name = ""]) => [name, z.string()]),
          ),
        ),
        ...(body && { body: { content: { "application/json": { schema: body } } } }),
      },
      responses: {
        200: {
          description: "As Upstash Vector answers it",
          content: { "application/json": { schema: z.object({ result: z.unknown() }) } },
        },
        ...requestProblems,
        ...problems(500, 502, 504),
      },
    })),
  );
}

function parse<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  const { success, data, error } = schema.safeParse(body);
  if (success) return data;
  throw new ValidationError(
    error.issues.map(({ path, message }) => ({ path: ["body", ...path.map(String)].join("."), message })),
  );
}

async function readRange({ store, body, namespace, signal }: Call): Promise<unknown> {
  const { cursor, limit, prefix, ...flags } = parse(rangeBody, body);
  let nextCursor = "";
  const start = String(cursor);
  const pages = store.range({
    namespace,
    signal,
    pageSize: limit,
    limit,
    ...(start !== "" && start !== "0" && { cursor: start }),
    ...(prefix && { prefix }),
    includeVectors: flags.includeVectors ?? false,
    onPage: (next) => {
      nextCursor = next ?? "";
    },
  });
  const vectors: object[] = [];
  let bytes = 0;
  // The first pages of a store are small, because it does not know the size of its records.
  for await (const records of pages) {
    vectors.push(...records.map((record) => wireRecord(record, flags)));
    bytes += recordsBytes(records);
    if (bytes >= maximumBatchBytes) break;
  }
  return { nextCursor, vectors };
}

async function fetchRecords({ store, body, namespace, signal }: Call): Promise<unknown> {
  const { ids, ...flags } = parse(fetchBody, body);
  const records = await store.fetch(ids, {
    namespace,
    signal,
    includeVectors: flags.includeVectors ?? false,
  });
  return records.map((record) => (record ? wireRecord(record, flags) : null));
}

async function query(
  { store, namespace, signal }: Call,
  given: { readonly text: string } | { readonly vector: readonly number[] },
  { topK, filter, ...flags }: Matching,
): Promise<unknown> {
  const condition = filter === undefined ? undefined : readFilter(filter);
  const matches = await store.query(
    { ...given, topK, ...(condition && { filter: condition }) },
    { namespace, signal, includeVectors: flags.includeVectors ?? false },
  );
  return matches.map((match: Match) => ({ score: match.score, ...wireRecord(match, flags) }));
}

function wireRecord(record: StoreRecord, flags: IncludeFlags): object {
  const { id, text, metadata, vector, sparseVector } = record;
  return {
    id,
    ...(flags.includeVectors && vector && { vector: Array.from(vector) }),
    ...(flags.includeVectors && sparseVector && { sparseVector }),
    ...(flags.includeMetadata && metadata && { metadata }),
    ...(flags.includeData && text !== undefined && { data: text }),
  };
}

/** An index without a model of its own gets its vectors from the service: texts can be searched all the same. */
function wireInfo(info: StoreInfo, { namespaces: bound }: Caller): object {
  const { type, dimension, similarityFunction, byteSize, embeddingModel, sparseEmbeddingModel } = info;
  const ownModel = "of the service";
  const visible = Object.entries(info.namespaces).filter(([name]) => bound?.includes(name) ?? true);
  const count = (records: number) => ({ vectorCount: records, pendingVectorCount: 0 });
  return {
    ...count(visible.reduce((sum, [, records]) => sum + records, 0)),
    indexSize: bound === undefined ? byteSize : 0,
    dimension,
    similarityFunction,
    indexType: type,
    ...(type !== "SPARSE" && { denseIndex: { embeddingModel: embeddingModel || ownModel } }),
    ...(type !== "DENSE" && { sparseIndex: { embeddingModel: sparseEmbeddingModel || ownModel } }),
    namespaces: Object.fromEntries(visible.map(([name, records]) => [name, count(records)])),
  };
}
