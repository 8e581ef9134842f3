import { JsonText } from "./exact-json/index.ts";

/** RFC 7396: objects merge key by key, `null` removes a key, anything else replaces. Changes nothing it is given. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isMergeable(patch)) return patch;
  const merged = new Map(isMergeable(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}

/** Whether a patch merges into the value key by key: an object that is no exact number. */
export function isMergeable(value: unknown): value is Record<string, unknown> {
  const isObject = typeof value === "object" && value !== null;
  return isObject && !Array.isArray(value) && !(value instanceof JsonText);
}
