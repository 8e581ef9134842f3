import type { TypedResponse } from "hono";
import type { JSONParsed } from "hono/utils/types";
import { stringifyJson } from "../foundation/exact-json/index.ts";
import type { ServerContext } from "./environment.ts";

/** Answers with JSON in which the numbers of metadata have the digits that they were stored with. */
export function sendJson<Body, Status extends 200 | 201 | 202 = 200>(
  context: ServerContext,
  body: Body,
  status: Status = 200 as Status,
): Response & TypedResponse<JSONParsed<Body>, Status, "json"> {
  context.header("Content-Type", "application/json");
  const response: Response = context.body(stringifyJson(body), status);
  return response as Response & TypedResponse<JSONParsed<Body>, Status, "json">;
}
