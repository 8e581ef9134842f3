import { invalid } from "../index/validation.ts";
import { flagOfQuery } from "./body.ts";
import type { Call } from "./call.ts";
import { changeFaults } from "./commands/faults.ts";
import { indexInfo } from "./commands/info.ts";
import { renameNamespace } from "./commands/namespaces.ts";
import { queryData, queryVectors } from "./commands/query.ts";
import { fetchRecords, randomRecord, rangeRecords } from "./commands/read.ts";
import { endResumable, resumeQuery, startResumable, startResumableData } from "./commands/resumable.ts";
import { deleteRecords, updateRecord, upsertData, upsertVectors } from "./commands/write.ts";

export interface CommandDefinition {
  /** Whether the read-only token allows it. */
  readonly access: "read" | "write";
  /** The daily quota that it counts against: each record written, or each query. */
  readonly costs?: "writes" | "queries";
  /** Uses what the process keeps in memory beside the index: faults, resumable queries. */
  readonly isStateful?: true;
  run(call: Call): unknown;
}

/** Every command by its name on the wire. */
export const commands: Readonly<Record<string, CommandDefinition>> = {
  upsert: { access: "write", costs: "writes", run: upsertVectors },
  "upsert-data": { access: "write", costs: "writes", run: upsertData },
  update: { access: "write", costs: "writes", run: updateRecord },
  delete: { access: "write", costs: "writes", run: deleteRecords },
  query: { access: "read", costs: "queries", run: queryVectors },
  "query-data": { access: "read", costs: "queries", run: queryData },
  "resumable-query": { access: "read", costs: "queries", isStateful: true, run: startResumable },
  "resumable-query-data": { access: "read", costs: "queries", isStateful: true, run: startResumableData },
  "resumable-query-next": { access: "read", costs: "queries", isStateful: true, run: resumeQuery },
  "resumable-query-end": { access: "read", isStateful: true, run: endResumable },
  fetch: { access: "read", costs: "queries", run: fetchRecords },
  range: { access: "read", costs: "queries", run: rangeRecords },
  random: { access: "read", run: randomRecord },
  info: { access: "read", run: indexInfo },
  "list-namespaces": { access: "read", run: ({ index }) => index.listNamespaces() },
  "rename-namespace": { access: "write", run: renameNamespace },
  "delete-namespace": {
    access: "write",
    async run({ index, namespace }) {
      await index.whenFree(() => index.deleteNamespace(namespace));
      return "Success";
    },
  },
  "emulator-faults": { access: "write", isStateful: true, run: changeFaults },
  reset: {
    access: "write",
    async run({ index, namespace, query }) {
      if (!flagOfQuery(query, "all")) await index.whenFree(() => index.reset(namespace));
      else if (namespace === "") await index.whenFree(() => index.resetAll());
      else throw invalid("Name a namespace to reset, or all of them, but not both");
      return "Success";
    },
  },
};
