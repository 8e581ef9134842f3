/**
 * Answers each question, `{ writer }`, with the newest write of that writer that it finds, until it is asked
 * to stop: `node reader.js <index file> <settings>`.
 */
import { VectorIndex } from "../../../dist/embedded/index.js";

const [path, settings] = process.argv.slice(2);
const index = VectorIndex.open({ path, settings: JSON.parse(settings) });

async function answer(writer) {
  const hits = await index.query(
    "",
    {
      dense: undefined,
      sparse: { indices: Int32Array.of(1), values: Float32Array.of(1) },
      topK: 1_000,
      filter: { kind: "comparison", field: "writer", operator: "=", value: writer },
      weightByFrequency: false,
      fusion: "RRF",
    },
    { metadata: true },
  );
  const found = hits.map(({ record }) => JSON.parse(record.metadata).n);
  const latest = hits.find(({ record }) => record.id === `${writer}-latest`);
  const [stored] = index.fetch("", [`${writer}-latest`], { metadata: true });
  process.send({
    writer,
    n: Math.max(0, ...found),
    latest: latest ? JSON.parse(latest.record.metadata).n : 0,
    fetched: stored ? JSON.parse(stored.metadata).n : 0,
  });
}

process.on("message", ({ writer, stop }) => {
  if (!stop) return answer(writer);
  index.close();
  process.disconnect();
});
process.send({ ready: true });
