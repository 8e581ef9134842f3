import type { CommandDefinition } from "../command.ts";
import { json } from "./shared.ts";

export const incidents = {
  name: "incidents",
  summary: "List incidents, or print the report of one",
  words: [{ name: "id", summary: "the incident, or the first characters of its id: prints its report" }],
  options: {
    url: {
      type: "text",
      value: "URL",
      summary: "read them from the service at this address (default: from the state of the settings)",
    },
    limit: {
      type: "integer",
      minimum: 1,
      maximum: 1_000,
      default: 20,
      summary: "the newest so many",
    },
    json,
  },
  examples: [
    ["ragfood incidents", "those of the state of these settings, the newest first"],
    ["ragfood incidents 5815f1a2 > incident.md", "the report as Markdown: cause, timeline, cost, notes"],
  ],
} as const satisfies CommandDefinition;
