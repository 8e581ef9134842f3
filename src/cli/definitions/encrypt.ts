import type { CommandDefinition } from "../command.ts";
import { json, namespace } from "./shared.ts";

export const encrypt = {
  name: "encrypt",
  summary: "Encrypt records with the current key; continues if it was stopped",
  options: {
    namespace: { ...namespace, summary: "only this namespace (default: all)" },
    json,
  },
  examples: [
    ["ragfood encrypt", "after a new key was put first in ENCRYPTION_KEYS, or a field was added"],
    ["ragfood encrypt --namespace usda", "one namespace only"],
  ],
} as const satisfies CommandDefinition;
