import { existsSync } from "node:fs";
import { UsageError } from "./errors.ts";

/** The present second in UTC, for the name of what is put aside: `20261130T074500Z`. */
export function timeSuffix(): string {
  return new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "");
}

/** The name under which a restore keeps what it replaces. */
export function asideOf(path: string): string {
  return unusedName(`${path}.replaced-${timeSuffix()}`);
}

/** The name under which a repair keeps the damaged file. */
export function damagedOf(path: string): string {
  return unusedName(`${path}.damaged-${timeSuffix()}`);
}

/** Two in one second get different names. */
function unusedName(name: string): string {
  let unused = name;
  for (let number = 2; existsSync(unused); number++) unused = `${name}-${number}`;
  return unused;
}

/** A restore that would replace something. @param obstacle what exists, as a sentence */
export function replaceRefused(obstacle: string): UsageError {
  return new UsageError(`${obstacle} Nothing was changed.`, {
    hint: "To put it aside and restore the backup in its place, add --replace.",
  });
}
