import type { CommandDefinition } from "../command.ts";
import { json, serviceUrl } from "./shared.ts";

export const status = {
  name: "status",
  summary: "Show whether a running service is all right, since when, and what is wrong",
  options: { url: serviceUrl, json },
  examples: [
    ["ragfood status", "the state, objectives, stores, alerts; exit code 1 unless all is well"],
    ["ragfood status --url https://food.example", "of a service elsewhere, with the key in SERVICE_KEY"],
  ],
} as const satisfies CommandDefinition;
