import { listCollections, namespaceOf } from "../../composition/endpoints/collections.ts";
import { readSettings } from "../../config/settings.ts";
import { CancelledError, UsageError } from "../../foundation/errors.ts";
import { parseEndpoint } from "../../migration/run/index.ts";
import type { CommandContext } from "../command.ts";
import { exitCodes, reportFailure } from "../failure.ts";
import type { MigrationValues } from "../migration-options.ts";
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
  const { json = false } = values;
  const settings = readSettings(context.environment);
  const from = parseEndpoint(values.from);
  const to = parseEndpoint(values.to);
  const collections = await listCollections(from, { settings, ...readingOptions(values) });
  const results: { collection: string; namespace: string; code: number }[] = [];
  for (const { name, tenant, database } of collections) {
    const namespace = namespaceOf(name, { tenant, database }, collections);
    const own: MigrationValues = {
      ...values,
      "all-collections": false,
      collection: name,
      tenant,
      database,
      ...(to.kind === "dump"
        ? { to: `dump:${to.path}/${namespace}` }
        : to.kind === "chroma-server"
          ? { to: `${values.to.split("#")[0]}#${namespace}` }
          : { namespace }),
    };
    if (!json) terminal.line(`\n== ${name} to ${namespace}`);
    const code = await attempt(own, context, action);
    results.push({ collection: name, namespace, code });
  }
  const failed = results.filter(({ code }) => code !== exitCodes.done);
  if (json) terminal.jsonLine({ type: "collections-end", collections: results });
  else {
    terminal.line();
    for (const { collection, namespace, code } of results) {
      const outcome = code === exitCodes.done ? "done" : "FAILED";
      terminal.line(`${outcome.padEnd(6)}  ${collection} to ${namespace}`);
    }
    terminal.line(`${results.length - failed.length} of ${results.length} collections done.`);
  }
  return failed.length === 0 ? exitCodes.done : exitCodes.failed;
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
