import { resolve } from "node:path";
import type { Settings } from "../config/settings.ts";
import { indexFile } from "../embedded/index.ts";

/**
 * Which store it is, by URL or path, without secrets.
 * @param url of a cloud index
 */
export function storeIdentity(
  kind: "embedded" | "chroma" | "upstash",
  { directory, chroma }: Settings,
  url = "",
): string {
  if (kind === "embedded") return resolve(indexFile(directory));
  if (kind === "upstash") return plainUrl(url);
  const { tenant = "default_tenant", database = "default_database", collection } = chroma;
  return [plainUrl(chroma.url), tenant, database, collection].join("/");
}

function plainUrl(text: string): string {
  const { origin, pathname } = new URL(text);
  return `${origin}${pathname.replace(/\/+$/, "")}`;
}
