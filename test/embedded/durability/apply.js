/**
 * Applies operations to an index, one after the other, and prints a line after each that was
 * acknowledged: `node apply.js <index file> <settings> <operations file>`.
 */
import { readFileSync, writeSync } from "node:fs";
import { VectorIndex } from "../../../dist/embedded/index.js";

const [path, settings, operationsFile] = process.argv.slice(2);
const index = VectorIndex.open({ path, settings: JSON.parse(settings) });

const appliers = {
  upsert: ({ namespace, records }) => index.upsert(namespace, records.map(toStored)),
  remove: ({ namespace, target }) => index.remove(namespace, target),
  reset: ({ namespace }) => index.reset(namespace),
  "reset-all": () => index.resetAll(),
  "delete-namespace": ({ namespace }) => index.deleteNamespace(namespace),
  "rename-namespace": ({ namespace, newName }) => index.renameNamespace(namespace, newName, true),
};

function toStored({ id, metadata, data, dense, sparse }) {
  return {
    id,
    metadata,
    data,
    dense: Float32Array.from(dense),
    sparse: { indices: Int32Array.from(sparse.indices), values: Float32Array.from(sparse.values) },
  };
}

for (const operation of JSON.parse(readFileSync(operationsFile, "utf8"))) {
  appliers[operation.kind](operation);
  // A write that has returned has left this process.
  writeSync(1, "acknowledged\n");
}
index.close();
