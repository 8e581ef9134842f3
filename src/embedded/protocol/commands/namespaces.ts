import { invalid } from "../../index/validation.ts";
import { fieldsOf, flagOf, textOf } from "../body.ts";
import type { Call } from "../call.ts";

export function renameNamespace({ index, body }: Call): { renamed: true } {
  const fields = fieldsOf(body);
  const namespace = textOf(fields, "namespace");
  const newNamespace = textOf(fields, "newNamespace");
  if (namespace === undefined || newNamespace === undefined) {
    throw invalid("namespace and newNamespace are required");
  }
  index.renameNamespace(namespace, newNamespace, flagOf(fields, "deleteExisting"));
  return { renamed: true };
}
