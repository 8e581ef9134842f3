/** Writes batches until asked to stop, and reports each acknowledged batch:
 * `node writer.js <index file> <settings> <name>`.
 */
import { VectorIndex } from "../../../dist/embedded/index.js";

const [path, settings, name] = process.argv.slice(2);
const index = VectorIndex.open({ path, settings: JSON.parse(settings) });
const batchSize = 5;
let stopped = false;
process.on("message", () => {
  stopped = true;
});

function record(id, n) {
  return {
    id,
    metadata: JSON.stringify({ writer: name, n }),
    data: undefined,
    dense: undefined,
    sparse: { indices: Int32Array.of(1), values: Float32Array.of(1) },
  };
}

function batch(n) {
  return Array.from({ length: batchSize }, (_, place) => `${name}-${n}-${place}`);
}

let acknowledged = 0;
function write() {
  const n = acknowledged + 1;
  index.upsert("", [...batch(n).map((id) => record(id, n)), record(`${name}-latest`, n)]);
  if (n > 20) index.remove("", { ids: batch(n - 20) });
  acknowledged = n;
  process.send({ acknowledged });
  if (!stopped) return setImmediate(write);
  index.close();
  process.disconnect();
}
write();
