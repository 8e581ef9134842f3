import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type MigrationRequest, openMigration } from "../../../src/composition/endpoints/migration.ts";
import { readSettings } from "../../../src/config/settings.ts";
import { parseEndpoint, type RunEvent, runMigration } from "../../../src/migration/run/index.ts";
import type { StoreRecord } from "../../../src/store/document.ts";
import { startServer } from "../../helpers/http-server.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";
import { makeStore } from "../chroma-directory/stores.ts";

/** Directions that hardly repeat, and lengths from 1 to 5. */
export function vectorOf(number: number): Float32Array {
  return Float32Array.from(
    { length: 4 },
    (_, place) => Math.sin(number * 3 + place * 5) * (1 + (number % 5)),
  );
}

/** A Chroma directory with this many records of 4 dimensions, compared by L2. */
export function chromaOf(
  count: number,
  change: (record: StoreRecord, number: number) => Partial<StoreRecord> = () => ({}),
): string {
  return makeStore("1.3", (collection, store) =>
    store.transaction(() => {
      for (let number = 0; number < count; number++) {
        const record = {
          id: `food-${number}`,
          text: `The food number ${number}.`,
          metadata: { calories: number },
          vector: vectorOf(number),
        };
        collection.apply("add", { ...record, ...(change(record, number) as typeof record) });
      }
      collection.sync();
    }),
  );
}

/** A project in a directory of its own, whose migrations run in this process. */
export function project(environment: Record<string, string> = {}) {
  const directory = temporaryDirectory();
  const settings = readSettings({ RAGFOOD_DIR: join(directory, ".ragfood"), ...environment });
  const { signal } = new AbortController();
  const open = async (from: string, to: string, options: Partial<MigrationRequest> = {}) => {
    const migration = await openMigration({
      settings,
      from: parseEndpoint(from),
      to: parseEndpoint(to),
      backupsDirectory: join(directory, "backups"),
      ...options,
    });
    onTestFinished(() => migration.close());
    return migration;
  };
  const run = async (from: string, to: string, options: Partial<MigrationRequest> = {}) => {
    const events: RunEvent[] = [];
    const migration = await open(from, to, options);
    const result = await runMigration(migration, { signal, onEvent: (event) => events.push(event) });
    return { ...result, events, migration };
  };
  return { directory, settings, open, run };
}

type Match = { readonly id: string; readonly metadata?: object };

/** An index behind a server that leaves out or changes what queries return. */
export async function lyingServer(url: string, change: (match: Match) => Match | undefined): Promise<string> {
  const server = await startServer(async ({ method, url: path, headers, body }, response) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: headers.authorization ?? "", "content-type": "application/json" },
      ...(body !== "" && { body }),
    });
    let text = await answer.text();
    if (path.startsWith("/query")) {
      const { result, ...rest } = JSON.parse(text) as { result: Match[] };
      text = JSON.stringify({ ...rest, result: result.flatMap((match) => change(match) ?? []) });
    }
    response.writeHead(answer.status, { "Content-Type": "application/json" }).end(text);
  });
  return server.url;
}
