import { Cron } from "croner";
import { UsageError } from "../../foundation/errors.ts";

/**
 * The times of a cron expression in UTC, so that replicas in different time zones agree, and no hour of a clock change
 * is skipped or repeated.
 *
 * @param expression five fields (minute, hour, day of month, month, day of week), or a nickname like `@daily`
 * @param setting the variable that holds it, for the error
 * @returns the first time after a time, in milliseconds since 1970
 * @throws {UsageError} for an expression that cannot be read, or that has no time in the future
 */
export function cronTimes(expression: string, setting: string): (after: number) => number {
  const pattern = parse(expression, setting);
  const next = (after: number) => pattern.nextRun(new Date(after))?.getTime();
  if (next(Date.now()) === undefined) throw notCron(setting, expression, "it has no time in the future");
  return (after) => next(after) ?? Number.MAX_SAFE_INTEGER;
}

function parse(expression: string, setting: string): Cron {
  try {
    return new Cron(expression, { paused: true, timezone: "Etc/UTC", mode: "5-part" });
  } catch (error) {
    throw notCron(setting, expression, (error as Error).message, error);
  }
}

function notCron(setting: string, expression: string, problem: string, cause?: unknown): UsageError {
  return new UsageError(`${setting} is "${expression}", which is not a cron expression: ${problem}`, {
    ...(cause !== undefined && { cause }),
    hint: "Five fields in UTC: minute, hour, day of month, month, day of week. 0 3 * * * is every day at 3:00; off switches it off.",
  });
}
