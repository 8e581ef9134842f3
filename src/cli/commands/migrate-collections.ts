import {
  type ListedCollection,
  listCollections,
  namespaceOf,
} from "../../composition/endpoints/collections.ts";
import { readSettings } from "../../config/settings.ts";
import { CancelledError, RagfoodError, UsageError } from "../../foundation/errors.ts";
import { type Endpoint, parseEndpoint } from "../../migration/run/index.ts";
import type { CommandContext } from "../command.ts";
import { exitCodes, reportFailure } from "../failure.ts";
import { type MigrationValues, withMigration } from "../migration-options.ts";
import { readingOptions } from "../source-options.ts";

type Action = (values: MigrationValues, context: CommandContext) => Promise<number>;

/**
 * Runs an action for each collection of a Chroma, to one namespace (or collection, or dump) each. A collection that
 * fails does not stop the others.
 *
 * @returns exit code 0 if all succeeded
 * @throws {UsageError} for options that are for one collection only
 */
export async function forEachCollection(
  values: MigrationValues,
  context: CommandContext,
  action: Action,
): Promise<number> {
  for (const name of ["collection", "namespace", "name", "queries"] as const) {
    if (values[name] === undefined) continue;
    throw new UsageError(
      `--all-collections and --${name} exclude each other: --${name} is for one collection.`,
    );
  }
  const { terminal } = context;
  const { json = false, "dry-run": isPlanOnly = false } = values;
  const settings = readSettings(context.environment);
  const from = parseEndpoint(values.from);
  const to = parseEndpoint(values.to);
  const collections = await listCollections(from, { settings, ...readingOptions(values) });
  const each = collections.map((collection) => ({
    collection: collection.name,
    ...placeOf(values, to, collection, collections),
  }));
  if (to.kind === "embedded") await requireOneShape(each, context);
  const results: { collection: string; namespace: string; code: number }[] = [];
  for (const { collection, namespace, own } of each) {
    if (!json) terminal.line(`\n== ${collection} to ${namespace}`);
    const code = await attempt(own, context, action);
    results.push({ collection, namespace, code });
  }
  const failed = results.filter(({ code }) => code !== exitCodes.done);
  if (json) terminal.jsonLine({ type: "collections-end", collections: results });
  else {
    terminal.line();
    const word = isPlanOnly ? "possible" : "done";
    for (const { collection, namespace, code } of results) {
      const outcome = code === exitCodes.done ? word : "FAILED";
      terminal.line(`${outcome.padEnd(Math.max(word.length, 6))}  ${collection} to ${namespace}`);
    }
    terminal.line(`${results.length - failed.length} of ${results.length} collections ${word}.`);
  }
  return failed.length === 0 ? exitCodes.done : exitCodes.failed;
}

/** The values of the migration of one collection. */
function placeOf(
  values: MigrationValues,
  to: Endpoint,
  { name, tenant, database }: ListedCollection,
  collections: readonly ListedCollection[],
): { namespace: string; own: MigrationValues } {
  const namespace = namespaceOf(name, { tenant, database }, collections);
  const own = {
    ...values,
    ...{ "all-collections": false, collection: name, tenant, database },
    ...(to.kind === "dump"
      ? { to: `dump:${to.path}/${namespace}` }
      : to.kind === "chroma-server"
        ? { to: `${values.to.split("#")[0]}#${namespace}` }
        : { namespace }),
  };
  return { namespace, own };
}

/**
 * The first collection would make the index, and the others would not fit it.
 *
 * @throws {UsageError} if they need indexes of different metrics or dimensions
 */
async function requireOneShape(
  each: readonly { readonly collection: string; readonly own: MigrationValues }[],
  context: CommandContext,
): Promise<void> {
  const shapes = new Map<string, string[]>();
  for (const { collection, own } of each) {
    const shape = await shapeOf(own, context);
    if (shape !== undefined) shapes.set(shape, [...(shapes.get(shape) ?? []), collection]);
  }
  if (shapes.size < 2) return;
  const found = [...shapes].map(([shape, names]) => `${shape} (${names.join(", ")})`).join("; ");
  throw new UsageError(`One index cannot hold all collections: they need ${found}. Nothing was written.`, {
    hint: "Give each kind an index of its own: --collection NAME --to embedded:DIR. Or let one index make new vectors of all texts: --embed target.",
  });
}

/** Metric and dimension of the index that a collection would be written to; `undefined` if that is not known. */
async function shapeOf(own: MigrationValues, context: CommandContext): Promise<string | undefined> {
  try {
    return await withMigration(own, context, async ({ target: { info } }) =>
      info.dimension === 0 ? undefined : `${info.similarityFunction} of ${info.dimension} dimensions`,
    );
  } catch (error) {
    // The migration of this collection reports it.
    if (error instanceof RagfoodError && !(error instanceof CancelledError)) return undefined;
    throw error;
  }
}

async function attempt(values: MigrationValues, context: CommandContext, action: Action): Promise<number> {
  const { terminal, signal } = context;
  try {
    return await action(values, context);
  } catch (error) {
    if (error instanceof CancelledError || signal.aborted) throw error;
    return reportFailure(error, terminal, { asJson: values.json ?? false });
  }
}
