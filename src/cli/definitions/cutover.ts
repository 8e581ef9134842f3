import type { CommandDefinition, FlagOption, IntegerOption, TextOption } from "../command.ts";
import { comparison, json } from "./shared.ts";

const reason = {
  type: "text",
  value: "text",
  summary: "why, for the history",
} as const satisfies TextOption;

const epoch = {
  type: "integer",
  minimum: 1,
  maximum: Number.MAX_SAFE_INTEGER,
  summary: "only if the cutover is still as in the status with this epoch: of two operators one wins",
} as const satisfies IntegerOption;

const force = {
  type: "flag",
  summary: "go on although gates are closed; needs --reason",
} as const satisfies FlagOption;

const acceptMetricChange = {
  type: "flag",
  summary: "go on although the target ranks records differently, by another metric",
} as const satisfies FlagOption;

export const status = {
  name: "cutover status",
  summary: "Show the stage of the cutover, who leads, and what the other store lacks",
  options: { json },
  examples: [["ragfood cutover status", "the stage, the lag in records and seconds, and the processes"]],
} as const satisfies CommandDefinition;

export const start = {
  name: "cutover start",
  summary: "Begin to copy every write to the store in CUTOVER_TO, if its records fit into it",
  options: {
    "accept-metric-change": acceptMetricChange,
    epoch,
    reason,
    json,
  },
  examples: [['ragfood cutover start --reason "change 4711"', "to the stage dual-write"]],
} as const satisfies CommandDefinition;

export const advance = {
  name: "cutover advance",
  summary: "Go to the next stage if its gates are open: shadow-read, canary, target",
  options: {
    canary: {
      type: "integer",
      minimum: 0,
      maximum: 100,
      summary: "share of the questions in per cent that the target answers in canary (default: 5)",
    },
    force,
    epoch,
    reason,
    json,
  },
  examples: [
    ["ragfood cutover advance", "to the next stage"],
    ["ragfood cutover advance --canary 25", "in canary, another share; before it, to canary with this share"],
    ["ragfood cutover advance --epoch 7", "unless another change came after the status with epoch 7"],
  ],
} as const satisfies CommandDefinition;

export const rollback = {
  name: "cutover rollback",
  summary: "Go back to the source: reads at once, writes as soon as it has everything",
  options: {
    "keep-open": {
      type: "flag",
      summary: "keep its incident open until somebody closes it: ragfood incidents <id> --close",
    },
    epoch,
    reason,
    json,
  },
  examples: [['ragfood cutover rollback --reason "answers are worse"', "from any stage but the last"]],
} as const satisfies CommandDefinition;

export const cancel = {
  name: "cutover cancel",
  summary: "End the change of the leading store that is under way: the present one goes on",
  options: { epoch, reason, json },
  examples: [["ragfood cutover cancel", "writes go to the present leader again"]],
} as const satisfies CommandDefinition;

export const finish = {
  name: "cutover finish",
  summary: "End the cutover: the target stands alone, and there is no way back",
  options: {
    archive: {
      type: "text",
      value: "directory",
      summary: "then archive the directory of the source, as chroma_db, and remove it; asks first",
    },
    yes: { type: "flag", summary: "archive without a question" },
    force,
    epoch,
    reason,
    json,
  },
  examples: [
    ["ragfood cutover finish", "the source gets no more copies"],
    [
      "ragfood cutover finish --archive chroma_db",
      "a tar.gz with its checksum in backups, then the directory goes",
    ],
  ],
} as const satisfies CommandDefinition;

export const pause = {
  name: "cutover pause",
  summary: "Stop advance and finish until resume; rules of rollback stay active",
  options: { epoch, reason, json },
  examples: [['ragfood cutover pause --reason "no changes before Monday"', "the stage stays as it is"]],
} as const satisfies CommandDefinition;

export const resume = {
  name: "cutover resume",
  summary: "Allow advance and finish again",
  options: { epoch, reason, json },
  examples: [["ragfood cutover resume", "after a pause"]],
} as const satisfies CommandDefinition;

export const verify = {
  name: "cutover verify",
  summary: "Compare the records of both stores; the gates need it; exit code 1 for a difference",
  options: comparison,
  examples: [
    ["ragfood cutover verify", "every record, by text and metadata"],
    ["ragfood cutover verify --repair", "the same; running processes copy what differs"],
  ],
} as const satisfies CommandDefinition;

export const rehearse = {
  name: "cutover rehearse",
  summary: "Rehearse the stages and rollbacks on copies; the stores of the settings are only read",
  options: {
    records: { type: "integer", minimum: 1, maximum: 100_000, default: 1_000, summary: "records to copy" },
    fault: {
      type: "text",
      value: "name",
      summary: "only this fault of the target: slow, dead, wrong, read-only or rate-limited (default: all)",
    },
    "accept-metric-change": acceptMetricChange,
    json,
  },
  examples: [["ragfood cutover rehearse", "about two minutes: every stage, and five ways to fail"]],
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
