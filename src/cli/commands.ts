import type { Command } from "./command.ts";

/** Each command is loaded when it is called. */
export const commandLoaders: Readonly<Record<string, () => Promise<Command>>> = {
  ask: async () => (await import("./commands/ask.ts")).ask,
  chat: async () => (await import("./commands/chat.ts")).chat,
  search: async () => (await import("./commands/search.ts")).search,
  ingest: async () => (await import("./commands/ingest.ts")).ingestCommand,
  info: async () => (await import("./commands/info.ts")).info,
  evaluate: async () => (await import("./commands/evaluate.ts")).evaluateCommand,
  queue: async () => (await import("./commands/queue.ts")).queue,
  encrypt: async () => (await import("./commands/encrypt.ts")).encrypt,
  doctor: async () => (await import("./commands/doctor.ts")).doctor,
  migrate: async () => (await import("./commands/migrate.ts")).migrate,
  dump: async () => (await import("./commands/dump.ts")).dump,
  backup: async () => (await import("./commands/backup.ts")).backup,
  secrets: async () => (await import("./commands/secrets.ts")).secrets,
  inventory: async () => (await import("./commands/inventory.ts")).inventory,
  emulator: async () => (await import("./commands/emulator.ts")).emulator,
};

export const commandSummaries: Readonly<Record<string, string>> = {
  ask: "answer one question, with its sources",
  chat: "ask question after question, until exit",
  search: "show the best matches, without an answer",
  ingest: "bring a data file into the index",
  info: "show what the index holds",
  evaluate: "measure the results against golden queries",
  queue: "show, send or drop writes that wait for the index",
  encrypt: "bring what is encrypted under the current key",
  doctor: "check settings, index, models and what they need",
  migrate: "move records from Chroma to an index, or back, and prove it",
  dump: "write, check or import a dump of records",
  backup: "back a directory up, verify a backup, restore it",
  secrets: "look for tokens and keys in files and in the git history",
  inventory: "list what a Chroma directory holds",
  emulator: "serve an index over HTTP as Upstash Vector does",
};
