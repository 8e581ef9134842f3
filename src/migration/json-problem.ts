import { JsonText } from "../foundation/exact-json/index.ts";

/** Levels of nesting that every part of a migration can read, write and hash without running out of stack. */
const maximumDepth = 1_000;

/** The first place in metadata that JSON would drop or change; `undefined` if JSON keeps all of it. */
export function jsonProblem(metadata: unknown): string | undefined {
  if (typeof metadata !== "object" || metadata === null || Array.isArray(metadata)) {
    return "the metadata is not a JSON object";
  }
  return valueProblem(metadata, "metadata", 0);
}

function valueProblem(value: unknown, place: string, depth: number): string | undefined {
  if (value === null || typeof value === "string" || typeof value === "boolean") return undefined;
  if (typeof value === "bigint" || value instanceof JsonText) return undefined;
  if (typeof value === "number") {
    return Number.isFinite(value) ? undefined : `${place} is ${value}, which JSON cannot hold`;
  }
  if (depth > maximumDepth) return "the metadata is nested too deeply";
  if (typeof value !== "object") return `${place} is of type ${typeof value}, which JSON cannot hold`;
  if (Array.isArray(value)) {
    // By index: a hole of a sparse list counts as undefined.
    for (let index = 0; index < value.length; index++) {
      const problem = valueProblem(value[index], `${place}[${index}]`, depth + 1);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    return `${place} is an instance of ${value.constructor.name}, not JSON`;
  }
  for (const [key, member] of Object.entries(value)) {
    const problem = member === undefined ? undefined : valueProblem(member, `${place}.${key}`, depth + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
