import type { Settings } from "../../config/settings.ts";
import { counted } from "../../foundation/plural.ts";
import type { StoreInfo } from "../../store/store.ts";
import type { Run } from "../command.ts";
import type { info } from "../definitions/info.ts";
import { oneLine } from "../foreign-text.ts";
import { requireIndex, settingsOf, withApplication } from "../prepare.ts";
import type { Terminal } from "../terminal.ts";

export const runInfo: Run<typeof info> = async (values, context) => {
  const { environment, terminal, signal } = context;
  const settings = settingsOf(values, environment);
  requireIndex(settings);
  return await withApplication(settings, context, async ({ primary }) => {
    const found = await primary.info({ signal });
    const location = locationOf(settings);
    if (values.json) terminal.json({ store: primary.name, location, ...found });
    else printInfo(found, primary.name, location, terminal);
    return undefined;
  });
};

function locationOf({ store, upstash, directory, chroma }: Settings): string {
  if (store === "chroma") return `${chroma.url} ${chroma.collection}`;
  return store === "upstash" && upstash ? upstash.url : directory;
}

function printInfo(found: StoreInfo, store: string, location: string, terminal: Terminal): void {
  const rows: [string, string][] = [
    ["Store", `${store} (${location})`],
    ["Kind", found.type],
  ];
  if (found.type !== "SPARSE") {
    rows.push([
      "Dense",
      `${found.dimension} dimensions, ${found.similarityFunction}, ${model(found.embeddingModel)}`,
    ]);
  }
  if (found.type !== "DENSE") rows.push(["Sparse", model(found.sparseEmbeddingModel)]);
  const pending = found.pendingCount > 0 ? `, ${found.pendingCount} not yet found by queries` : "";
  rows.push(["Records", `${found.recordCount.toLocaleString("en")}${pending}`]);
  if (found.byteSize > 0) rows.push(["Size", `${(found.byteSize / 1_048_576).toFixed(1)} MiB`]);
  for (const [name, count] of Object.entries(found.namespaces)) {
    rows.push([`Namespace ${name === "" ? "(default)" : name}`, counted(count, "record")]);
  }
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, value] of rows) {
    terminal.line(`${terminal.style("dim", oneLine(name).padEnd(width))}  ${oneLine(value)}`);
  }
}

function model(name: string): string {
  return name === "" ? "no embedding model" : `embeds with ${name}`;
}
