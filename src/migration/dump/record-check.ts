import type { StoreRecord } from "../../store/document.ts";

const maximumIndex = 2 ** 32 - 1;

/** Why a record cannot be dumped so that it comes back the same; `undefined` where it can. */
export function recordProblem(record: StoreRecord, dimension: number): string | undefined {
  if (typeof record.id !== "string") return "the id is not a string";
  if (record.text !== undefined && typeof record.text !== "string") return "the text is not a string";
  return metadataProblem(record.metadata) ?? vectorProblem(record, dimension);
}

function metadataProblem(metadata: unknown): string | undefined {
  if (metadata === undefined) return undefined;
  if (typeof metadata !== "object" || metadata === null || Array.isArray(metadata)) {
    return "the metadata is not a JSON object";
  }
  try {
    return notJson(metadata, "metadata");
  } catch (error) {
    if (error instanceof RangeError) return "the metadata is nested too deeply";
    throw error;
  }
}

/** The first place in a value that JSON would drop or change. */
function notJson(value: unknown, place: string): string | undefined {
  if (value === null || typeof value === "string" || typeof value === "boolean") return undefined;
  if (typeof value === "number") {
    return Number.isFinite(value) ? undefined : `${place} is ${value}, which JSON cannot hold`;
  }
  if (typeof value !== "object") return `${place} is of type ${typeof value}, which JSON cannot hold`;
  if (Array.isArray(value)) {
    // By index: a hole of a sparse list counts as undefined.
    for (let index = 0; index < value.length; index++) {
      const problem = notJson(value[index], `${place}[${index}]`);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    return `${place} is an instance of ${value.constructor.name}, not JSON`;
  }
  for (const [key, member] of Object.entries(value)) {
    const problem = member === undefined ? undefined : notJson(member, `${place}.${key}`);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function vectorProblem({ vector, sparseVector }: StoreRecord, dimension: number): string | undefined {
  if (vector !== undefined && vector.length !== dimension) {
    return `the vector has ${vector.length} dimensions; the source says ${dimension}`;
  }
  if (sparseVector === undefined) return undefined;
  const { indices, values } = sparseVector;
  if (indices.length !== values.length) {
    return `the sparse vector has ${indices.length} indices and ${values.length} values`;
  }
  const index = indices.find((place) => !Number.isInteger(place) || place < 0 || place > maximumIndex);
  return index === undefined ? undefined : `the sparse vector has the index ${index}`;
}
