import { escapeJson } from "./invisible-text.ts";

/** How messages name a namespace: `the default namespace`, or `the namespace "menu"`. */
export function namespaceName(namespace: string): string {
  return namespace === ""
    ? "the default namespace"
    : `the namespace ${escapeJson(JSON.stringify(namespace))}`;
}
