import { createRoute } from "@hono/zod-openapi";
import { type Food, toDocument } from "../../foods/food.ts";
import { foodProblems } from "../../foods/validate.ts";
import { NotFoundError } from "../../foundation/errors.ts";
import { JsonError, parseJson } from "../../foundation/exact-json/index.ts";
import { isAboutFood } from "../../rag/catalog/about-food.ts";
import type { Facet } from "../../rag/catalog/facets.ts";
import { toFoodRecord } from "../../rag/source.ts";
import { readFilter } from "../../store/filter.ts";
import type { WriteQueued } from "../../store/store.ts";
import { namespaceFor, requireScope } from "../caller.ts";
import type { ServerApp } from "../environment.ts";
import { readFoodPage } from "../food-pages.ts";
import type { ServerParts } from "../parts.ts";
import { requestSignal } from "../request-signal.ts";
import { problems, requestProblems } from "../responses.ts";
import {
  type FacetResponse,
  facetsQuerySchema,
  facetsSchema,
  foodBodySchema,
  foodPageSchema,
  foodQuerySchema,
  foodSchema,
  idParameterSchema,
  namespaceQuerySchema,
  queuedSchema,
} from "../schemas/foods.ts";
import { sendJson } from "../send-json.ts";
import { ValidationError } from "../validation-error.ts";

const tags = ["foods"];
const readProblems = { ...requestProblems, ...problems(500, 502, 504) };
const queued = {
  description: "The store is not available; the write is kept on this machine and sent later",
  content: { "application/json": { schema: queuedSchema } },
};

const list = createRoute({
  method: "get",
  path: "/api/foods",
  summary: "List records page by page, perhaps only those that meet a filter",
  tags,
  request: { query: foodQuerySchema },
  responses: {
    200: { description: "A page", content: { "application/json": { schema: foodPageSchema } } },
    ...readProblems,
    ...problems(409),
  },
});

const facets = createRoute({
  method: "get",
  path: "/api/foods/facets",
  summary: "The fields of the records with their values and counts",
  tags,
  request: { query: facetsQuerySchema },
  responses: {
    200: { description: "The fields", content: { "application/json": { schema: facetsSchema } } },
    ...readProblems,
  },
});

const get = createRoute({
  method: "get",
  path: "/api/foods/{id}",
  summary: "One record",
  tags,
  request: { params: idParameterSchema, query: namespaceQuerySchema },
  responses: {
    200: { description: "The record", content: { "application/json": { schema: foodSchema } } },
    ...readProblems,
    ...problems(404),
  },
});

const put = createRoute({
  method: "put",
  path: "/api/foods/{id}",
  summary: "Store a record, or replace it; needs the scope write",
  tags,
  request: {
    params: idParameterSchema,
    query: namespaceQuerySchema,
    body: { required: true, content: { "application/json": { schema: foodBodySchema } } },
  },
  responses: {
    200: { description: "It is stored", content: { "application/json": { schema: foodSchema } } },
    202: queued,
    ...readProblems,
  },
});

const remove = createRoute({
  method: "delete",
  path: "/api/foods/{id}",
  summary: "Delete a record; needs the scope write",
  tags,
  request: { params: idParameterSchema, query: namespaceQuerySchema },
  responses: {
    204: { description: "It is deleted" },
    202: queued,
    ...readProblems,
    ...problems(404),
  },
});

const defaultLimit = 20;
const defaultValues = 50;

/** `/api/foods`. */
export function foodRoutes(app: ServerApp, parts: ServerParts): void {
  const { engine, store, namespace: defaultNamespace, limits, template } = parts;
  app.openapi(list, async (context) => {
    const caller = context.get("caller");
    requireScope(caller, "read");
    const { filter, cursor, limit = defaultLimit, namespace } = context.req.valid("query");
    const { signal, done } = requestSignal(context, limits);
    try {
      const page = await readFoodPage(store, {
        namespace: namespaceFor(caller, namespace, defaultNamespace),
        filter: filter === undefined ? undefined : readFilter(filter),
        cursor,
        limit,
        signal,
      });
      return sendJson(context, page);
    } finally {
      done();
    }
  });

  app.openapi(facets, async (context) => {
    const caller = context.get("caller");
    requireScope(caller, "read");
    const { limit = defaultValues, namespace } = context.req.valid("query");
    const scope = { namespace: namespaceFor(caller, namespace, defaultNamespace) };
    const { signal, done } = requestSignal(context, limits);
    try {
      const catalog = await engine.catalog({ ...scope, signal });
      const { recordCount, isPartial } = catalog;
      return sendJson(context, {
        recordCount,
        isPartial,
        isAboutFood: isAboutFood(catalog),
        facets: catalog.facets.map((facet) => facetResponse(facet, limit)),
      });
    } finally {
      done();
    }
  });

  app.openapi(get, async (context) => {
    const caller = context.get("caller");
    requireScope(caller, "read");
    const { id } = context.req.valid("param");
    const namespace = namespaceFor(caller, context.req.valid("query").namespace, defaultNamespace);
    const { signal, done } = requestSignal(context, limits);
    try {
      const [record] = await store.fetch([id], { namespace, signal });
      if (record === undefined) throw notFound(id);
      return sendJson(context, toFoodRecord(record));
    } finally {
      done();
    }
  });

  app.openapi(put, async (context) => {
    const caller = context.get("caller");
    requireScope(caller, "write");
    const { id } = context.req.valid("param");
    const namespace = namespaceFor(caller, context.req.valid("query").namespace, defaultNamespace);
    const food = readFood(id, await context.req.text(), template);
    const document = toDocument(food, template);
    let kept: WriteQueued | undefined;
    await store.upsert([document], {
      namespace,
      onQueued: (write) => {
        kept = write;
      },
    });
    if (kept) return sendJson(context, { queued: true as const, reason: kept.reason }, 202);
    return sendJson(context, toFoodRecord(document), 200);
  });

  app.openapi(remove, async (context) => {
    const caller = context.get("caller");
    requireScope(caller, "write");
    const { id } = context.req.valid("param");
    const namespace = namespaceFor(caller, context.req.valid("query").namespace, defaultNamespace);
    let kept: WriteQueued | undefined;
    const deleted = await store.delete(
      { ids: [id] },
      {
        namespace,
        onQueued: (write) => {
          kept = write;
        },
      },
    );
    if (kept) return sendJson(context, { queued: true as const, reason: kept.reason }, 202);
    if (deleted === 0) throw notFound(id);
    return context.body(null, 204);
  });
}

/**
 * The body of a write with the numbers exactly as they were sent.
 *
 * @throws {ValidationError} for what the store cannot keep
 */
function readFood(id: string, text: string, template: string | undefined): Food {
  const options = { largeIntegers: "refuse", loneSurrogates: "refuse", literals: "everywhere" } as const;
  let body: Record<string, unknown>;
  try {
    body = parseJson(text, options) as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new ValidationError([{ path: "body", message: error.message }]);
  }
  if (body.id !== undefined && body.id !== id) {
    throw new ValidationError([{ path: "body.id", message: "differs from the id in the path" }]);
  }
  if (typeof body.metadata === "object" && body.metadata !== null && !Array.isArray(body.metadata)) {
    const message =
      'its fields stand beside "text", as in { "text": …, "region": … }, and not within metadata';
    throw new ValidationError([{ path: "body.metadata", message }]);
  }
  const food = { ...body, id };
  const found = foodProblems(food, template === undefined ? {} : { template });
  if (found.length > 0) {
    throw new ValidationError(found.map((message) => ({ path: "body", message })));
  }
  return food as unknown as Food;
}

function notFound(id: string): NotFoundError {
  return new NotFoundError("index", `No food has the id ${JSON.stringify(id)}.`, { status: 404 });
}

function facetResponse({ values, isComplete, range, ...facet }: Facet, limit: number): FacetResponse {
  const shown = values.slice(0, limit);
  return {
    ...facet,
    values: shown.map(([value, count]) => ({ value, count })),
    isComplete: isComplete && shown.length === values.length,
    ...range,
  };
}
