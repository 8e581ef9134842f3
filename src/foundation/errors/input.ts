import { RagfoodError, type RagfoodErrorOptions } from "./ragfood-error.ts";

/** Incorrect use of the command line: an unknown flag, a value out of range. Exit code 2. */
export class UsageError extends RagfoodError {
  static override readonly errorName: string = "UsageError";
  readonly code = "usage";
}

/** Settings that cannot be used; `faults` lists all of them, one line each. Exit code 2. */
export class SettingsError extends RagfoodError {
  static override readonly errorName: string = "SettingsError";
  readonly code = "settings";
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`The settings cannot be used:\n${faults.map((fault) => `  ${fault}`).join("\n")}`, {
      hint: "Correct them in the environment or in .env; .env.example describes each.",
    });
    this.faults = faults;
  }
}

/** One fault of a data file and its location. */
export interface DataFault {
  /** Line in the file, from 1. */
  readonly line?: number;
  /** Place in the list of records, from 0. */
  readonly index?: number;
  readonly id?: string;
  readonly problem: string;
  /** What to do, if it is not the same for all faults. */
  readonly hint?: string;
}

/** A data file that cannot be read, or that holds records which cannot be stored. */
export class DataError extends RagfoodError {
  static override readonly errorName: string = "DataError";
  readonly code = "data";
  readonly file: string;
  readonly faults: readonly DataFault[];
  /** Faults found in all; `faults` may hold only the first of them. */
  readonly faultCount: number;

  constructor(
    file: string,
    message: string,
    options: RagfoodErrorOptions & { faults?: readonly DataFault[]; faultCount?: number } = {},
  ) {
    super(message, options);
    this.file = file;
    this.faults = options.faults ?? [];
    this.faultCount = options.faultCount ?? this.faults.length;
  }
}

export interface FilterSyntaxErrorOptions {
  /** The place of the fault in UTF-16 units from 0. */
  readonly offset?: number;
  /** The kinds of tokens that the grammar allows there, as messages name them; empty if they are unknown. */
  readonly expected?: readonly string[];
}

/** A filter expression that does not parse; `column` counts from 0, as the service reports it. */
export class FilterSyntaxError extends RagfoodError {
  static override readonly errorName: string = "FilterSyntaxError";
  readonly code = "filter";
  readonly filter: string;
  readonly line: number;
  readonly column: number;
  readonly offset: number;
  readonly expected: readonly string[];

  constructor(
    filter: string,
    line: number,
    column: number,
    problem: string,
    { offset = 0, expected = [] }: FilterSyntaxErrorOptions = {},
  ) {
    super(`Invalid filter. At line ${line}:${column} ${problem}`, {
      hint: "Filters look like: region = 'India' AND type IN ('Curry', 'Stew'); docs/filters.md has the language.",
    });
    this.filter = filter;
    this.line = line;
    this.column = column;
    this.offset = offset;
    this.expected = expected;
  }
}

/** The caller gave up (Ctrl-C, an aborted signal). Exit code 130. */
export class CancelledError extends RagfoodError {
  static override readonly errorName: string = "CancelledError";
  readonly code = "cancelled";

  constructor(message = "Cancelled.", options?: RagfoodErrorOptions) {
    super(message, options);
  }
}
