import { invalid } from "../../index/validation.ts";
import { fieldsOf, flagOf, textOf } from "../body.ts";
import type { Call } from "../call.ts";

export async function renameNamespace({ index, body }: Call): Promise<{ renamed: true }> {
  const fields = fieldsOf(body);
  const namespace = textOf(fields, "namespace");
  const newNamespace = textOf(fields, "newNamespace");
  if (namespace === undefined || newNamespace === undefined) {
    throw invalid("namespace and newNamespace are required");
  }
  const deleteExisting = flagOf(fields, "deleteExisting");
  await index.whenFree(() => index.renameNamespace(namespace, newNamespace, deleteExisting));
  return { renamed: true };
}
