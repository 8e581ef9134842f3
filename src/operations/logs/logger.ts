import { type DestinationStream, type Logger, pino } from "pino";
import type { Redactor } from "../../security/redactor.ts";
import type { LogFile } from "./log-file.ts";
import { currentRequest } from "./request-context.ts";
import { textLine } from "./text-line.ts";

type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

export interface LoggerOptions {
  readonly level: LogLevel;
  /** `text` for a person at a terminal; a file is always JSON. */
  readonly format: "json" | "text";
  readonly redactor: Redactor;
  /** Writes a line, with its end, to the standard output. */
  readonly write: (line: string) => void;
  readonly file?: LogFile;
}

/**
 * A structured log: JSON, one object a line, with `level` as a word and `time` in ISO 8601. Lines that a request writes
 * carry its `requestId`. Every line passes through the redactor.
 */
export function createLogger({ level, format, redactor, write, file }: LoggerOptions): Logger {
  const destination: DestinationStream = {
    write(line) {
      write(format === "json" ? line : textLine(line));
      file?.write(line);
    },
  };
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      mixin: () => currentRequest() ?? {},
      hooks: { streamWrite: (line) => redactor.text(line) },
    },
    destination,
  );
}
