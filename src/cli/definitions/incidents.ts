import type { CommandDefinition } from "../command.ts";
import { json, newestLimit } from "./shared.ts";

export const incidents = {
  name: "incidents",
  summary: "List incidents, print the report of one, note something about it, or close it",
  words: [{ name: "id", summary: "the incident, or the first characters of its id: prints its report" }],
  options: {
    url: {
      type: "text",
      value: "URL",
      summary: "read them from the service at this address (default: from the state of the settings)",
    },
    limit: newestLimit,
    note: { type: "text", value: "text", summary: "add this note to the incident and its report" },
    "keep-open": {
      type: "flag",
      summary: "the incident waits for --close; one that has ended is open again",
    },
    close: { type: "flag", summary: "end the incident" },
    json,
  },
  examples: [
    ["ragfood incidents", "those of the state of these settings, the newest first"],
    ["ragfood incidents 5815f1a2 > incident.md", "the report as Markdown: cause, timeline, cost, notes"],
    ['ragfood incidents 5815f1a2 --close --note "new token"', "ends it, with a note"],
  ],
} as const satisfies CommandDefinition;
