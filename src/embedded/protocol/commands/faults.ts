import { invalid } from "../../index/validation.ts";
import { fieldsOf } from "../body.ts";
import type { Call } from "../call.ts";
import { type FaultSettings, noFaults } from "../faults.ts";

/**
 * The emulator's own command, which the service does not have: changes the faults named in the body and
 * answers with all of them. An empty body changes nothing.
 */
export function changeFaults({ faults, index, body }: Call): FaultSettings {
  const change =
    body === undefined || (Array.isArray(body) && body.length === 0) ? {} : parseFaults(fieldsOf(body));
  faults.change(change, index);
  return faults.settings;
}

/** What a timer can wait, in milliseconds: 24 days. */
const largestTimer = 2 ** 31 - 1;

/** @throws {InvalidRequestError} 422 for a fault that does not exist or a value that it cannot have */
export function parseFaults(fields: Readonly<Record<string, unknown>>): Partial<FaultSettings> {
  for (const [name, value] of Object.entries(fields)) {
    if (!Object.hasOwn(noFaults, name)) {
      throw invalid(`There is no fault ${name}; there are ${Object.keys(noFaults).join(", ")}`);
    }
    const isFine =
      name === "isDown"
        ? typeof value === "boolean"
        : Number.isInteger(value) && (value as number) >= 0 && (value as number) <= largestTimer;
    if (!isFine)
      throw invalid(`${name} must be ${name === "isDown" ? "true or false" : "a whole number from 0"}`);
  }
  return fields as Partial<FaultSettings>;
}
