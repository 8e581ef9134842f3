import { chromaServerOf } from "../../composition/application.ts";
import { openDirectoryInventory, openServerInventory } from "../../composition/endpoints/inventory.ts";
import type { Environment } from "../../config/environment.ts";
import { readSettings } from "../../config/settings.ts";
import { UsageError } from "../../foundation/errors.ts";
import { type Finding, findingText } from "../../foundation/finding.ts";
import { counted } from "../../foundation/plural.ts";
import {
  type CollectionInventory,
  type InventorySource,
  takeInventory,
} from "../../migration/survey/index.ts";
import type { ChromaServer } from "../../store/chroma/server.ts";
import type { Run } from "../command.ts";
import type { inventory } from "../definitions/inventory.ts";
import { exitCodes } from "../failure.ts";
import { printable } from "../foreign-text.ts";
import { readingOptions } from "../source-options.ts";
import type { Terminal } from "../terminal.ts";

export const runInventory: Run<typeof inventory> = async (values, { environment, terminal, signal }) => {
  const { location } = values;
  const { chroma } = readSettings(environment);
  const { largeIntegers, tenant = chroma.tenant, database = chroma.database } = readingOptions(values);
  const source = /^https?:\/\//i.test(location)
    ? await openServerInventory(serverAt(location, { tenant, database }, environment), {
        signal,
        largeIntegers,
      })
    : openDirectoryInventory(location, largeIntegers);
  try {
    const collections: CollectionInventory[] = [];
    if (!values.json) printSource(source, terminal);
    for (const collection of chooseCollections(source, { name: values.collection, tenant, database })) {
      const inventory = await takeInventory(collection, {
        signal,
        onProgress: ({ done, total }) =>
          terminal.progress(`Reading ${printable(collection.name)}`, done, total),
      });
      collections.push(inventory);
      if (!values.json) printCollection(inventory, terminal);
    }
    const { version, databaseBytes, damage } = source;
    if (values.json) {
      terminal.json({ location: source.location, version, databaseBytes, damage, collections });
    }
    const hasFailed = damage !== undefined || collections.some(({ findings }) => findings.some(isProblem));
    return hasFailed ? exitCodes.failed : exitCodes.done;
  } finally {
    await source.close();
  }
};

/** Without options, tenant and database are those of the settings, as the token is. */
function serverAt(location: string, { tenant, database }: Scope, environment: Environment): ChromaServer {
  return {
    ...chromaServerOf(readSettings({ ...environment, CHROMA_URL: location.replace(/\/+$/, "") })),
    ...(tenant !== undefined && { tenant }),
    ...(database !== undefined && { database }),
  };
}

interface Scope {
  readonly tenant: string | undefined;
  readonly database: string | undefined;
}

function isProblem({ level }: Finding): boolean {
  return level === "problem";
}

function chooseCollections(
  { collections, location }: InventorySource,
  { name, tenant, database }: Scope & { readonly name: string | undefined },
) {
  const within = collections.filter(
    (collection) =>
      (tenant === undefined || collection.tenant === tenant) &&
      (database === undefined || collection.database === database),
  );
  if (name === undefined) return within;
  const chosen = within.filter((collection) => collection.name === name);
  if (chosen.length > 0) return chosen;
  const names = within.map((collection) => printable(collection.name)).join(", ");
  throw new UsageError(`${location} has no collection "${name}".`, {
    hint: names === "" ? "It has no collections at all." : `It has: ${names}.`,
  });
}

function printSource(
  { location, version, databaseBytes, damage, collections }: InventorySource,
  terminal: Terminal,
) {
  const size = databaseBytes === undefined ? "" : `, database of ${bytes(databaseBytes)}`;
  terminal.line(
    `${printable(location)}: Chroma ${version}, ${counted(collections.length, "collection")}${size}`,
  );
  if (damage !== undefined) terminal.line(`${terminal.style("red", "FAIL")}  ${printable(damage)}`);
}

function printCollection(inventory: CollectionInventory, terminal: Terminal): void {
  const { name: collection, tenant, database, findings } = inventory;
  const place =
    tenant === "default_tenant" && database === "default_database" ? "" : ` (${tenant}/${database})`;
  terminal.line();
  terminal.line(terminal.style("bold", printable(`${collection}${place}`)));
  const rows = rowsOf(inventory).map(([name, value]) => [printable(name), printable(value)] as const);
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, value] of rows) {
    terminal.line(`  ${terminal.style("dim", name.padEnd(width))}  ${value}`);
  }
  for (const finding of findings) {
    const [color, word] = isProblem(finding) ? (["red", "FAIL"] as const) : (["yellow", "warn"] as const);
    terminal.line(`  ${terminal.style(color, word)}  ${printable(findingText(finding))}`);
    if (finding.hint !== undefined) terminal.line(`        ${printable(finding.hint)}`);
  }
}

function rowsOf(inventory: CollectionInventory): [string, string][] {
  const { recordCount, readableCount, dimension, distance, embeddingFunction, norms, indexBytes } = inventory;
  const unreadable = readableCount === recordCount ? "" : `, ${number(readableCount)} of them readable`;
  const others = distance.contradictedBy.length === 0 ? "" : `; not ${distance.contradictedBy.join(", ")}`;
  const rows: [string, string][] = [
    ["Records", `${number(recordCount)}${unreadable}`],
    ["Vectors", dimension === 0 ? "none" : `${dimension} dimensions`],
    ["Distance", `${distance.space} (${distance.foundIn}${others})`],
  ];
  if (norms)
    rows.push(["Norms", `${norm(norms.minimum)} to ${norm(norms.maximum)}, mean ${norm(norms.mean)}`]);
  const model = embeddingFunction?.model === undefined ? "" : `, model ${embeddingFunction.model}`;
  rows.push(["Embedding", embeddingFunction ? `${embeddingFunction.name}${model}` : "not recorded"]);
  if (indexBytes !== undefined) rows.push(["Index files", bytes(indexBytes)]);
  const recorded = Object.entries(inventory.metadata).map(([key, value]) => `${key}=${value}`);
  if (recorded.length > 0) rows.push(["Metadata", recorded.join(", ")]);
  for (const { key, recordCount: having, types, distinctCount, samples } of inventory.keys) {
    const kinds = Object.keys(types).join(" or ");
    rows.push([
      `  ${key}`,
      `${kinds} in ${number(having)}, ${number(distinctCount)} distinct: ${samples.join(", ")}`,
    ]);
  }
  return rows;
}

function norm(value: number): string {
  return value.toFixed(value < 10 ? 4 : 2);
}

function number(value: number): string {
  return value.toLocaleString("en");
}

function bytes(value: number): string {
  return `${(value / 1_048_576).toFixed(1)} MiB`;
}
