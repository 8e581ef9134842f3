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

/** The store of the settings. */
export function ownIdentity(settings: Settings): string {
  return storeIdentity(settings.store, settings, settings.upstash?.url);
}

/** The second store of the settings; `undefined` without one. */
export function secondIdentity(settings: Settings): string | undefined {
  const { fallback } = settings;
  return fallback && storeIdentity(fallback.store, settings, fallback.upstash?.url);
}

function plainUrl(text: string): string {
  const { origin, pathname } = new URL(text);
  return `${origin}${pathname.replace(/\/+$/, "")}`;
}
