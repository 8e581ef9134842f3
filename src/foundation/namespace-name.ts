import { quoted } from "./quoted.ts";

/** How messages name a namespace: `the default namespace`, or `the namespace "menu"`. */
export function namespaceName(namespace: string): string {
  return namespace === "" ? "the default namespace" : `the namespace ${quoted(namespace)}`;
}
