import { createHash } from "node:crypto";
import type { MigrationIdentity } from "../ledger/index.ts";
import type { Migration } from "./migration.ts";

/** What distinguishes a migration from others in its ledger. */
export function identityOf({
  source,
  target,
  template,
}: Pick<Migration, "source" | "target" | "template">): MigrationIdentity {
  const { place, namespace, embedding } = target;
  return { source: source.place, target: place, namespace, embedding, template: template ?? "" };
}

/** The default name of a migration: the same for the same two sides and the same vectors. */
export function defaultName(collection: string, sourcePlace: string, target: Migration["target"]): string {
  const { place, namespace, embedding } = target;
  const digits = createHash("sha256")
    .update(JSON.stringify([sourcePlace, place, namespace, embedding]))
    .digest("hex");
  const word = collection.replaceAll(/[^A-Za-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
  return `${word === "" ? "migration" : word.slice(0, 40)}-${digits.slice(0, 8)}`;
}
