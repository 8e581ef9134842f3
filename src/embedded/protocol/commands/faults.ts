import type { FaultSettings } from "../../fault-settings.ts";
import { invalid } from "../../index/validation.ts";
import { faultsSchema } from "../../option-schemas.ts";
import { problemsOf } from "../../schema.ts";
import { type Fields, fieldsOf } from "../body.ts";
import type { Call } from "../call.ts";

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

/** @throws {InvalidRequestError} 422 for a fault that does not exist or a value that it cannot have */
function parseFaults(fields: Fields): Partial<FaultSettings> {
  const problems = problemsOf(faultsSchema, fields, "The request body");
  if (problems.length > 0) throw invalid(problems.join("; "));
  return fields as Partial<FaultSettings>;
}
