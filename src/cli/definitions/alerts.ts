import type { CommandDefinition } from "../command.ts";
import { json, newestLimit } from "./shared.ts";

const url = {
  type: "text",
  value: "URL",
  summary: "of the service at this address (default: those in the state of the settings)",
} as const;

export const list = {
  name: "alerts list",
  summary: "List the alerts that fire or fired, and who knows of them",
  options: {
    url,
    limit: newestLimit,
    json,
  },
  examples: [["ragfood alerts", "the newest first, each with its id"]],
} as const satisfies CommandDefinition;

export const ack = {
  name: "alerts ack",
  summary: "Say that you know of an alert that fires: it no longer leads the state, and it still counts",
  words: [
    {
      name: "id",
      summary: "the alert, or the first characters of its id (default: all that nobody knows of)",
    },
  ],
  options: {
    note: {
      type: "text",
      value: "text",
      summary: "what you do about it; stays with the alert and its incident",
    },
    url,
    json,
  },
  examples: [
    ['ragfood alerts ack --note "renewing the token"', "all alerts that fire, in your name"],
    ["ragfood alerts ack 5815f1a2", "one of them"],
  ],
} as const satisfies CommandDefinition;
