import {
  CancelledError,
  DataError,
  FilterSyntaxError,
  RagfoodError,
  SettingsError,
  UsageError,
} from "../foundation/errors.ts";
import { systemFailure } from "../foundation/file-failure.ts";
import { lineEnds } from "../foundation/invisible-text.ts";
import { type ErrorDescription, redactor } from "../security/redactor.ts";
import type { Terminal } from "./terminal.ts";

/** `unchecked`: nothing is wrong as far as it was looked at, and not everything could be. */
export const exitCodes = { done: 0, failed: 1, usage: 2, unchecked: 3, cancelled: 130 } as const;

export interface ReportOptions {
  readonly asJson: boolean;
  /** Whether to show the stack traces of the error and its causes. */
  readonly debug?: boolean;
}

/** Reports an error to a person, or with `--json` to a program. @returns the exit code */
export function reportFailure(
  error: unknown,
  terminal: Terminal,
  { asJson, debug = false }: ReportOptions,
): number {
  if (debug) terminal.noteBlock(trace(redactor.error(error, true)));
  if (asJson) terminal.jsonLine({ error: errorToJson(error) });
  else {
    terminal.noteBlock(`${terminal.style("red", "Error:")} ${indented(messageOf(error))}`);
    if (error instanceof FilterSyntaxError) terminal.noteBlock(pointAt(error));
    const hint = hintOf(error);
    if (hint !== undefined) terminal.note(hint);
  }
  return exitCode(error);
}

/** Indents lines after the first, so that foreign text in a message cannot look like a separate message. */
function indented(message: string): string {
  const [first = "", ...others] = message.split(lineEnds);
  return [first, ...others.map((line) => (line.startsWith("  ") ? line : `  ${line}`))].join("\n");
}

/** The stack traces of an error and its causes. */
function trace({ name, message, stack, cause }: ErrorDescription): string {
  const own = stack ?? `${name}: ${message}`;
  return cause === undefined ? own : `${own}\nCaused by ${trace(cause)}`;
}

function exitCode(error: unknown): number {
  if (error instanceof CancelledError) return exitCodes.cancelled;
  const isUsage =
    error instanceof UsageError || error instanceof SettingsError || error instanceof FilterSyntaxError;
  return isUsage ? exitCodes.usage : exitCodes.failed;
}

function messageOf(error: unknown): string {
  if (error instanceof RagfoodError) return error.message;
  const failure = systemFailure(error);
  if (failure) {
    const { path, syscall = "an operation" } = error as NodeJS.ErrnoException;
    return `${path ?? `The system refused ${syscall}`}: ${failure.problem}.`;
  }
  const text = error instanceof Error ? error.message : String(error);
  return `Something unforeseen happened: ${text}. Please report it, with the command that you ran.`;
}

function hintOf(error: unknown): string | undefined {
  return error instanceof RagfoodError ? error.hint : systemFailure(error)?.hint;
}

/** The line of the filter that does not parse, with a mark under the column. */
function pointAt({ filter, line, column }: FilterSyntaxError): string {
  const text = (filter.split("\n")[line - 1] ?? "").replaceAll("\t", " ");
  return `  ${text}\n  ${" ".repeat(column)}^`;
}

/** An error as a program gets it: a stable code, the message, what to do. */
export function errorToJson(error: unknown): object {
  if (!(error instanceof RagfoodError)) {
    const failure = systemFailure(error);
    if (failure) return { code: "system", message: messageOf(error), hint: failure.hint };
    return { code: "unforeseen", message: messageOf(error) };
  }
  return {
    code: error.code,
    message: error.message,
    ...(error.hint !== undefined && { hint: error.hint }),
    ...(error instanceof FilterSyntaxError && { line: error.line, column: error.column }),
    ...(error instanceof DataError && { faults: error.faults, faultCount: error.faultCount }),
  };
}
