import type { CommandDefinition, TextOption } from "../command.ts";
import { json } from "./shared.ts";

const reason = {
  type: "text",
  value: "text",
  summary: "why, for the history",
} as const satisfies TextOption;

export const status = {
  name: "cutover status",
  summary: "Show the stage of the cutover, who leads, and what the other store lacks",
  options: { json },
  examples: [["ragfood cutover status", "the stage, the lag in records and seconds, and the processes"]],
} as const satisfies CommandDefinition;

export const start = {
  name: "cutover start",
  summary: "Begin to copy every write to the store in CUTOVER_TO",
  options: { reason, json },
  examples: [['ragfood cutover start --reason "change 4711"', "to the stage dual-write"]],
} as const satisfies CommandDefinition;

export const advance = {
  name: "cutover advance",
  summary: "Go to the next stage: shadow-read, canary, target",
  options: {
    canary: {
      type: "integer",
      minimum: 0,
      maximum: 100,
      summary: "share of the questions in per cent that the target answers in canary (default: 5)",
    },
    reason,
    json,
  },
  examples: [
    ["ragfood cutover advance", "to the next stage"],
    ["ragfood cutover advance --canary 25", "in canary, another share; before it, to canary with this share"],
  ],
} as const satisfies CommandDefinition;

export const rollback = {
  name: "cutover rollback",
  summary: "Go back to the source: reads at once, writes as soon as it has everything",
  options: { reason, json },
  examples: [['ragfood cutover rollback --reason "answers are worse"', "from any stage but the last"]],
} as const satisfies CommandDefinition;

export const cancel = {
  name: "cutover cancel",
  summary: "End the change of the leading store that is under way: the present one goes on",
  options: { reason, json },
  examples: [["ragfood cutover cancel", "writes go to the present leader again"]],
} as const satisfies CommandDefinition;

export const finish = {
  name: "cutover finish",
  summary: "End the cutover: the target stands alone, and there is no way back",
  options: { reason, json },
  examples: [["ragfood cutover finish", "the source gets no more copies"]],
} as const satisfies CommandDefinition;

export const history = {
  name: "cutover history",
  summary: "List the changes of the stage, with who made them and why",
  options: {
    limit: { type: "integer", minimum: 1, maximum: 10_000, default: 20, summary: "changes to list" },
    json,
  },
  examples: [["ragfood cutover history", "the last 20 changes"]],
} as const satisfies CommandDefinition;
