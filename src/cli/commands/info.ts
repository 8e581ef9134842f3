import { readSettings } from "../../config/settings.ts";
import type { StoreInfo } from "../../store/store.ts";
import { type Command, defineCommand } from "../command.ts";
import { withApplication } from "../prepare.ts";
import type { Terminal } from "../terminal.ts";

const args = { json: { type: "boolean", description: "print JSON" } } as const;

export const info: Command = defineCommand({
  name: "info",
  description: "Shows what the index holds and how it embeds",
  args,
  examples: [
    ["ragfood info", "kind of index, models, records by namespace"],
    ["ragfood info --json", "the same for a program"],
  ],
  async run(values, { environment, terminal, signal }) {
    const settings = readSettings(environment);
    return await withApplication(settings, async ({ primary }) => {
      const found = await primary.info({ signal });
      const location = settings.upstash?.url ?? settings.directory;
      if (values.json) terminal.json({ store: primary.name, location, ...found });
      else printInfo(found, primary.name, location, terminal);
      return undefined;
    });
  },
});

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
  rows.push(["Size", `${(found.byteSize / 1_048_576).toFixed(1)} MiB`]);
  for (const [name, count] of Object.entries(found.namespaces)) {
    rows.push([`Namespace ${name === "" ? "(default)" : name}`, `${count.toLocaleString("en")} records`]);
  }
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, value] of rows) terminal.line(`${terminal.style("dim", name.padEnd(width))}  ${value}`);
}

function model(name: string): string {
  return name === "" ? "no embedding model" : `embeds with ${name}`;
}
