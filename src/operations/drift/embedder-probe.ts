import type { Embedder } from "../../embedding/embedder.ts";
import type { CallOptions } from "../../store/store.ts";
import type { DriftProbe } from "./probe.ts";

/** Checks a model that this process embeds with: Ollama, OpenAI's API, a local file. */
export function embedderProbe(embedder: Embedder, kind: string): DriftProbe {
  const vectorsOf = (texts: readonly string[], { signal }: CallOptions) =>
    embedder.embed(texts, "document", signal);
  return {
    subject: `${kind} ${embedder.model} ${embedder.dimension}`,
    requests: 0,
    model: async () => embedder.model,
    record: async (texts, call) => bytesOf(await vectorsOf(texts, call)),
    similarities: async (texts, reference = new Uint8Array(), call) => {
      const recorded = vectorsIn(reference, texts.length);
      const made = await vectorsOf(texts, call);
      return made.map((vector) => recorded.map((other) => cosine(vector, other)));
    },
  };
}

function bytesOf(vectors: readonly Float32Array[]): Uint8Array {
  const length = vectors[0]?.length ?? 0;
  const bytes = new DataView(new ArrayBuffer(4 * length * vectors.length));
  vectors.forEach((vector, row) => {
    vector.forEach((value, column) => {
      bytes.setFloat32(4 * (row * length + column), value, true);
    });
  });
  return new Uint8Array(bytes.buffer);
}

function vectorsIn(bytes: Uint8Array, count: number): Float32Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.byteLength / 4 / count;
  return Array.from({ length: count }, (_, row) =>
    Float32Array.from({ length }, (_, column) => view.getFloat32(4 * (row * length + column), true)),
  );
}

/** 0 for vectors of different lengths: another dimension is another model. */
function cosine(left: Float32Array, right: Float32Array): number {
  if (left.length !== right.length) return 0;
  let [product, leftSquare, rightSquare] = [0, 0, 0];
  for (let place = 0; place < left.length; place++) {
    const [a, b] = [left[place] as number, right[place] as number];
    product += a * b;
    leftSquare += a * a;
    rightSquare += b * b;
  }
  return product / Math.sqrt(leftSquare * rightSquare || 1);
}
