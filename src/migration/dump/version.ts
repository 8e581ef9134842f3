import { readFileSync } from "node:fs";

/** The version of this ragfood, as its package says. */
export function ragfoodVersion(): string {
  const text = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
