import { ServiceFaultError } from "../foundation/errors.ts";

type Check = (value: unknown) => boolean;

const isNumber: Check = (value) => typeof value === "number";
const isObject: Check = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

function isList(item: Check): Check {
  return (value) => Array.isArray(value) && value.every(item);
}

/** An object with these fields; other fields are ignored. */
function hasFields(checks: Readonly<Record<string, Check>>): Check {
  return (value) =>
    isObject(value) &&
    Object.entries(checks).every(([name, check]) => check((value as Record<string, unknown>)[name]));
}

function optional(check: Check): Check {
  return (value) => value === undefined || value === null || check(value);
}

/** Vectors are not checked number by number: that would take longer than reading them. */
const fields: Readonly<Record<string, Check>> = {
  id: (value) => typeof value === "string" || typeof value === "number",
  data: optional((value) => typeof value === "string"),
  metadata: optional(isObject),
  vector: optional((value) => Array.isArray(value) || value instanceof Float32Array),
  sparseVector: optional(hasFields({ indices: Array.isArray, values: Array.isArray })),
};

const isRecord = hasFields(fields);
const matches = isList(hasFields({ ...fields, score: isNumber }));

/** The shape of the result of each command that is read. */
const shapes: Readonly<Record<string, Check>> = {
  query: matches,
  "query-data": matches,
  fetch: isList((value) => value === null || isRecord(value)),
  range: hasFields({ nextCursor: (value) => typeof value === "string", vectors: isList(isRecord) }),
  delete: hasFields({ deleted: isNumber }),
  update: hasFields({ updated: isNumber }),
  "list-namespaces": isList((value) => typeof value === "string"),
  info: hasFields({
    vectorCount: isNumber,
    pendingVectorCount: optional(isNumber),
    indexSize: optional(isNumber),
    dimension: optional(isNumber),
    namespaces: (value) =>
      isObject(value) && Object.values(value as object).every(hasFields({ vectorCount: isNumber })),
  }),
};

/**
 * The result of a command, if it has the shape that the protocol defines.
 *
 * @param endpoint `query/recipes`
 * @throws {ServiceFaultError} if it has another
 */
export function requireShape<T>(service: string, endpoint: string, result: T): T {
  const command = endpoint.split("/", 1)[0] as string;
  const check = Object.hasOwn(shapes, command) ? shapes[command] : undefined;
  if (check === undefined || check(result)) return result;
  throw wrongShape(service, endpoint, "of another shape than the protocol has");
}

/** @param problem `of another shape` */
export function wrongShape(service: string, endpoint: string, problem: string): ServiceFaultError {
  return new ServiceFaultError(service, `The answer of ${service} to /${endpoint} is ${problem}.`, {
    endpoint,
    hint: "Check that the URL is that of the index, and that no proxy answers in its place.",
  });
}
