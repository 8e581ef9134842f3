import type { Command } from "../../src/cli/command.ts";
import { commands } from "../../src/cli/commands.ts";

/** Every command of the command line, and every action of those that have actions. */
export const allCommands: readonly Command[] = commands.flatMap((entry) =>
  "actions" in entry ? entry.actions : [entry],
);
