import type { CommandDefinition } from "../command.ts";
import { json } from "./shared.ts";

export const create = {
  name: "keys create",
  summary: "Make a key for the HTTP API, and print its token once",
  words: [{ name: "name", required: true, summary: "who uses the key, for people" }],
  options: {
    scope: {
      type: "text",
      value: "scope",
      many: true,
      summary: "read (ask, search, vote), write (change foods) or operate (the service); default: read",
    },
    namespace: {
      type: "text",
      value: "name",
      many: true,
      summary: "binds the key to this namespace, (default) for the one without a name; default: all",
    },
    json,
  },
  examples: [
    ['ragfood keys create "kitchen app"', "a key that asks and searches"],
    ["ragfood keys create importer --scope read --scope write", "a key that changes foods, too"],
    ["ragfood keys create tenant-a --namespace tenant-a", "a key that sees only one namespace"],
  ],
} as const satisfies CommandDefinition;

export const list = {
  name: "keys list",
  summary: "List the keys of the HTTP API, without their tokens",
  options: { json },
  examples: [["ragfood keys list", "each key with its scopes, its namespaces and when it was used last"]],
} as const satisfies CommandDefinition;

const id = { name: "id", required: true, summary: "the id of the key, as keys list shows it" } as const;

export const revoke = {
  name: "keys revoke",
  summary: "End a key: within 2 seconds no service accepts it",
  words: [id],
  options: { json },
  examples: [["ragfood keys revoke 3f9a1c02b7de", "end the key with this id"]],
} as const satisfies CommandDefinition;

export const rotate = {
  name: "keys rotate",
  summary: "Give a key a new token; the former one works until the overlap ends",
  words: [id],
  options: {
    overlap: {
      type: "integer",
      minimum: 0,
      maximum: 8_760,
      default: 24,
      summary: "hours that the former token still works; 0 ends it at once",
    },
    json,
  },
  examples: [
    ["ragfood keys rotate 3f9a1c02b7de", "a new token; clients have a day to change over"],
    ["ragfood keys rotate 3f9a1c02b7de --overlap 0", "a new token at once, after the former one leaked"],
  ],
} as const satisfies CommandDefinition;
