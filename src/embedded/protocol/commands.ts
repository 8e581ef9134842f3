import type { Call } from "./call.ts";
import { indexInfo } from "./commands/info.ts";
import { queryData, queryVectors } from "./commands/query.ts";
import { fetchRecords, randomRecord, rangeRecords } from "./commands/read.ts";
import { deleteRecords, updateRecord, upsertData, upsertVectors } from "./commands/write.ts";

export interface CommandDefinition {
  /** What the read-only token allows. */
  readonly access: "read" | "write";
  run(call: Call): unknown;
}

/** Every command by its name on the wire. */
export const commands: Readonly<Record<string, CommandDefinition>> = {
  upsert: { access: "write", run: upsertVectors },
  "upsert-data": { access: "write", run: upsertData },
  update: { access: "write", run: updateRecord },
  delete: { access: "write", run: deleteRecords },
  query: { access: "read", run: queryVectors },
  "query-data": { access: "read", run: queryData },
  fetch: { access: "read", run: fetchRecords },
  range: { access: "read", run: rangeRecords },
  random: { access: "read", run: randomRecord },
  info: { access: "read", run: indexInfo },
  "list-namespaces": { access: "read", run: ({ index }) => index.listNamespaces() },
  "delete-namespace": {
    access: "write",
    run({ index, namespace }) {
      index.deleteNamespace(namespace);
      return "Success";
    },
  },
  reset: {
    access: "write",
    run({ index, namespace, switches }) {
      if (switches.has("all")) index.resetAll();
      else index.reset(namespace);
      return "Success";
    },
  },
};
