import type { Logger } from "pino";
import type { LogSettings } from "../config/groups/observability.ts";
import { SettingsError } from "../foundation/errors.ts";
import { type LogFile, openLogFile } from "../operations/logs/log-file.ts";
import { createLogger } from "../operations/logs/logger.ts";
import type { Metrics } from "../operations/metrics/metrics.ts";
import type { Check } from "../operations/watch/checks.ts";
import { redactor } from "../security/redactor.ts";

/** Where the lines of a log go beside a file. */
export interface LogOutput {
  /** A line with its end, without secrets. */
  readonly write: (line: string) => void;
  /** Whether a person reads it. */
  readonly isTerminal: boolean;
}

/** The log of a service. */
export interface ServiceLog {
  readonly log: Logger;
  readonly format: "json" | "text";
  /** Raises an alert while the file cannot be written. */
  readonly check: Check;
  close(): Promise<void>;
}

/** @throws {SettingsError} if the file of the settings cannot be opened */
export async function openServiceLog(
  { level, format: wanted, file: fileSettings }: LogSettings,
  { write, isTerminal }: LogOutput,
  metrics: Metrics,
): Promise<ServiceLog> {
  const format = wanted === "auto" ? (isTerminal ? "text" : "json") : wanted;
  let log: Logger | undefined;
  const file =
    fileSettings &&
    (await openFile(fileSettings, (failure) => {
      if (failure) metrics.families.logFailures.inc();
      if (failure)
        log?.error({ path: fileSettings.path, failure: failure.message }, "The log file cannot be written");
      else log?.warn({ path: fileSettings.path }, "The log file is written again");
    }));
  log = createLogger({ level, format, redactor, write, ...(file && { file }) });
  return {
    log,
    format,
    check: {
      key: "log",
      run: () =>
        file?.failure === undefined
          ? "good"
          : {
              key: "log",
              severity: "ticket",
              sentence: `The log file cannot be written: ${file.failure.message}.`,
            },
    },
    close: async () => await file?.close(),
  };
}

async function openFile(
  settings: NonNullable<LogSettings["file"]>,
  onHealth: (failure: Error | undefined) => void,
): Promise<LogFile> {
  try {
    return await openLogFile({ ...settings, onHealth });
  } catch (error) {
    throw new SettingsError([`LOG_FILE cannot be opened: ${(error as Error).message}`]);
  }
}
