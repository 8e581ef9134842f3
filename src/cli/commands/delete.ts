import { CancelledError, UsageError } from "../../foundation/errors.ts";
import { namespaceName } from "../../foundation/namespace-name.ts";
import { counted } from "../../foundation/plural.ts";
import { parseFilter } from "../../store/filter.ts";
import type { DeleteTarget, VectorStore, WriteQueued } from "../../store/store.ts";
import type { CommandContext, Run, ValuesOf } from "../command.ts";
import type { remove } from "../definitions/records.ts";
import { exitCodes } from "../failure.ts";
import { nameText } from "../foreign-text.ts";
import { requireIndex, settingsOf, withApplication } from "../prepare.ts";
import { asks } from "../question.ts";

type Values = ValuesOf<typeof remove>;

interface Deletion {
  readonly store: string;
  readonly deleted: number;
  /** Why the delete waits on this machine. */
  readonly queued?: string;
}

export const runDelete: Run<typeof remove> = async (values, context) => {
  const { terminal } = context;
  const target = targetOf(values);
  const settings = settingsOf(values, context.environment);
  requireIndex(settings);
  const namespace = values.namespace ?? settings.namespace;
  return await withApplication(settings, context, async ({ primary, secondary }) => {
    if (!("ids" in target)) await confirm(values, namespace, context);
    const deletions: Deletion[] = [];
    for (const store of secondary ? [primary, secondary] : [primary]) {
      deletions.push(await deleteFrom(store, target, namespace, context));
    }
    const [first, second] = deletions;
    if (values.json) terminal.json({ ...first, ...(second && { secondary: second }) });
    else for (const deletion of deletions) terminal.line(describe(deletion));
    const isDone = deletions.every(({ queued }) => queued === undefined);
    const wanted = "ids" in target ? new Set(target.ids).size : 0;
    return isDone && (first?.deleted ?? 0) >= wanted ? exitCodes.done : exitCodes.failed;
  });
};

/** @throws {UsageError} unless exactly one of ids, prefix and filter is given, so that nothing is deleted by accident */
function targetOf({ id: ids, prefix, filter }: Values): DeleteTarget {
  const given = [ids.length > 0, prefix !== undefined, filter !== undefined].filter(Boolean).length;
  const hint = "Like: ragfood delete aloo-gobi vindaloo";
  if (given !== 1) throw new UsageError("Name ids, or one of --prefix and --filter.", { hint });
  if (ids.length > 0) return { ids };
  if (prefix === undefined) return { filter: parseFilter(filter ?? "") };
  if (prefix === "") throw new UsageError("An empty --prefix would delete every record.", { hint });
  return { prefix };
}

async function confirm(
  { prefix, filter, yes, json }: Values,
  namespace: string,
  context: CommandContext,
): Promise<void> {
  if (yes) return;
  const which = prefix === undefined ? `for which ${filter} is true` : `below the prefix ${nameText(prefix)}`;
  const place = namespaceName(namespace);
  const ask = asks(context, json);
  if (ask === undefined) {
    throw new UsageError(`This deletes all records of ${place} ${which}. Nothing was deleted.`, {
      hint: "Confirm it with --yes.",
    });
  }
  if (!(await ask(`Delete all records of ${place} ${which}?`))) {
    throw new CancelledError("Nothing was deleted.");
  }
}

async function deleteFrom(
  store: VectorStore,
  target: DeleteTarget,
  namespace: string,
  { signal }: CommandContext,
): Promise<Deletion> {
  let queued: WriteQueued | undefined;
  const deleted = await store.delete(target, {
    namespace,
    signal,
    onQueued: (write) => {
      queued = write;
    },
  });
  return { store: store.name, deleted, ...(queued && { queued: queued.reason }) };
}

function describe({ store, deleted, queued }: Deletion): string {
  return queued === undefined
    ? `${counted(deleted, "record")} deleted from the ${store} index.`
    : `The delete is queued; the ${store} index still holds the records: ${queued} Send it with: ragfood queue drain`;
}
