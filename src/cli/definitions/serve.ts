import type { CommandDefinition } from "../command.ts";
import { namespace, store } from "./shared.ts";

export const serve = {
  name: "serve",
  summary: "Serve questions, searches and foods over HTTP, with pages for the browser",
  options: {
    port: {
      type: "integer",
      minimum: 0,
      maximum: 65_535,
      default: 8_080,
      summary: "the port to listen on; 0 takes a free one",
    },
    host: {
      type: "text",
      value: "address",
      default: "127.0.0.1",
      summary: "the address to listen on; other machines need a key (ragfood keys create)",
    },
    "stop-after": {
      type: "integer",
      minimum: 0,
      maximum: 600,
      default: 10,
      summary: "seconds that running requests have when the service stops",
    },
    namespace,
    store,
    json: { type: "flag", summary: "print the address as JSON" },
  },
  examples: [
    ["ragfood serve", "the API and the pages on http://127.0.0.1:8080"],
    ["ragfood serve --host 0.0.0.0 --port 80", "for other machines, which need a key"],
  ],
} as const satisfies CommandDefinition;
