import type { Application } from "../composition/application.ts";
import { NotFoundError } from "../foundation/errors.ts";
import { namespaceName } from "../foundation/namespace-name.ts";
import { shellOption } from "../foundation/shell-word.ts";
import type { CommandContext } from "./command.ts";
import { makeReady } from "./prepare.ts";

/** @throws {NotFoundError} if the namespace is empty */
export async function requireRecords(
  application: Application,
  namespace: string,
  context: CommandContext,
): Promise<void> {
  if (await makeReady(application, namespace, context)) return;
  const isDefault = namespace === application.settings.namespace;
  throw new NotFoundError(
    application.store.name,
    `The index holds no records to measure in ${namespaceName(namespace)}.`,
    { hint: `Fill it with: ragfood ingest${isDefault ? "" : ` ${shellOption("namespace", namespace)}`}` },
  );
}
