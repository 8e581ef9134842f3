import type { Command } from "./command.ts";

/** Each command is loaded when it is called. */
export const commandLoaders: Readonly<Record<string, () => Promise<Command>>> = {
  ask: async () => (await import("./commands/ask.ts")).ask,
  chat: async () => (await import("./commands/chat.ts")).chat,
  search: async () => (await import("./commands/search.ts")).search,
  ingest: async () => (await import("./commands/ingest.ts")).ingestCommand,
  info: async () => (await import("./commands/info.ts")).info,
  doctor: async () => (await import("./commands/doctor.ts")).doctor,
  inventory: async () => (await import("./commands/inventory.ts")).inventory,
  emulator: async () => (await import("./commands/emulator.ts")).emulator,
};

export const commandSummaries: Readonly<Record<string, string>> = {
  ask: "answer one question, with its sources",
  chat: "ask question after question, until exit",
  search: "show the best matches, without an answer",
  ingest: "bring a data file into the index",
  info: "show what the index holds",
  doctor: "check settings, index, models and what they need",
  inventory: "list what a Chroma directory holds",
  emulator: "serve an index over HTTP as Upstash Vector does",
};
