import type { CommandDefinition, IntegerOption, TextOption } from "../command.ts";
import { json } from "./shared.ts";

const number = {
  type: "integer",
  minimum: 1,
  maximum: Number.MAX_SAFE_INTEGER,
  summary: "the parked write",
} as const satisfies IntegerOption;

const reason = {
  type: "text",
  value: "text",
  summary: "why, for the history",
} as const satisfies TextOption;

const parked = {
  number,
  all: { type: "flag", summary: "all parked writes" },
  from: {
    type: "text",
    value: "url",
    summary: "all writes for another index, as the status lists them",
  },
  reason,
  json,
} as const;

export const status = {
  name: "queue status",
  summary: "Show how many writes wait, since when, and which ones the index refused",
  options: { json },
  examples: [["ragfood queue", "waiting and parked writes"]],
} as const satisfies CommandDefinition;

export const drain = {
  name: "queue drain",
  summary: "Send the waiting writes now, in their order",
  options: { json },
  examples: [["ragfood queue drain", "exit code 1 if the index refused one"]],
} as const satisfies CommandDefinition;

export const show = {
  name: "queue show",
  summary: "Show a parked write with its content",
  options: { number, json },
  examples: [["ragfood queue show --number 12", "what it would write, and why it was refused"]],
} as const satisfies CommandDefinition;

export const retry = {
  name: "queue retry",
  summary: "Put writes back into the queue of the current index, behind all others",
  options: parked,
  examples: [
    ["ragfood queue retry --number 12", "queue a parked write again"],
    ["ragfood queue retry --from https://old.upstash.io", "send the writes for a former index to this one"],
  ],
} as const satisfies CommandDefinition;

export const discard = {
  name: "queue discard",
  summary: "Drop writes for good; asks first",
  options: { ...parked, yes: { type: "flag", summary: "drop without a question" } },
  examples: [
    ["ragfood queue discard --all", "drop all parked writes"],
    ["ragfood queue discard --from https://old.upstash.io", "drop the writes for a former index"],
  ],
} as const satisfies CommandDefinition;

export const history = {
  name: "queue history",
  summary: "List what was done with parked writes and writes for a former index: who, when and why",
  options: {
    limit: { type: "integer", minimum: 1, maximum: 10_000, default: 20, summary: "entries to list" },
    json,
  },
  examples: [["ragfood queue history", "the last 20 decisions; of two stores, the changes of the stage too"]],
} as const satisfies CommandDefinition;
