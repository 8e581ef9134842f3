import { loadChroma } from "./chroma.ts";
import { loadEmbedded, loadEmbeddedClient } from "./embedded.ts";
import { loadLance } from "./lancedb.ts";
import type { LoadRival } from "./rival.ts";
import { loadSqliteVec } from "./sqlite-vec.ts";
import { usearchOf } from "./usearch.ts";

/** The participant whose figures are compared with those of the others. */
export const ours = "ragfood";

export const participants: Record<string, LoadRival> = {
  [ours]: loadEmbedded,
  "ragfood, client": loadEmbeddedClient,
  "sqlite-vec": loadSqliteVec,
  LanceDB: loadLance,
  usearch: usearchOf({ quantization: "f32", expansion: 0 }),
  // Besides its defaults: a setting for speed and one for recall.
  "usearch, int8": usearchOf({ quantization: "i8", expansion: 0 }),
  "usearch, wide": usearchOf({ quantization: "f32", expansion: 256 }),
  Chroma: loadChroma,
};

/** The packages as they were measured; none of them needs its install script. */
const packages = ["sqlite-vec@0.1.9", "@lancedb/lancedb@0.37.1", "usearch@2.25.3", "chromadb@3.5.0"];

/** From this binding on, Chroma needs glibc 2.39; the one before opens on Debian 12 as well. */
const chromaBinding = "overrides.chromadb-js-bindings-linux-x64-gnu=1.0.5";

/** The commands that make the directory of the rivals. */
export function installCommands(directory: string): string {
  return [
    `mkdir -p ${directory} && cd ${directory} && npm init -y`,
    `npm pkg set ${chromaBinding}   # only where glibc is older than 2.39`,
    `npm install --ignore-scripts ${packages.join(" ")}`,
  ].join("\n");
}
