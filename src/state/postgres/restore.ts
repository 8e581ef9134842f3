import pg from "pg";
import { replaceRefused, timeSuffix } from "../../foundation/put-aside.ts";
import { fillState, type RestoredState, type RestoreStateOptions } from "../fill.ts";
import { describeAddress, type PostgresAddress } from "./address.ts";
import { translate } from "./failures.ts";
import { defaultSchema, openPostgresState, poolConfigOf } from "./postgres.ts";

/**
 * Fills a schema of its own, then renames both in one transaction.
 * @throws as `restoreState`
 */
export async function restoreSchema(
  address: PostgresAddress,
  file: string,
  { replace, signal, schema = defaultSchema }: RestoreStateOptions & { readonly schema?: string },
): Promise<RestoredState> {
  const location = describeAddress(address);
  const client = new pg.Client(poolConfigOf(address));
  client.on("error", () => {});
  try {
    await client.connect();
    const { rowCount: found } = await client.query("SELECT 1 FROM pg_namespace WHERE nspname = $1", [schema]);
    const exists = found !== 0;
    if (exists && !replace) throw replaceRefused(`${location}, schema ${schema}, holds a state.`);
    const draft = `${schema}_draft_${timeSuffix().toLowerCase()}`;
    let rowCount: number;
    try {
      rowCount = await fillState(
        (migrations) => openPostgresState(address, { schema: draft, migrations }),
        file,
        signal,
      );
    } catch (error) {
      await client.query(`DROP SCHEMA IF EXISTS "${draft}" CASCADE`);
      throw error;
    }
    const aside = exists ? `${schema}_replaced_${timeSuffix().toLowerCase()}` : undefined;
    const renames = [
      ...(aside === undefined ? [] : [`ALTER SCHEMA "${schema}" RENAME TO "${aside}"`]),
      `ALTER SCHEMA "${draft}" RENAME TO "${schema}"`,
    ];
    await client.query(`BEGIN; ${renames.join("; ")}; COMMIT`);
    return { location, rowCount, aside: aside && `schema ${aside}` };
  } catch (error) {
    throw translate(location, error);
  } finally {
    await client.end().catch(() => {});
  }
}
