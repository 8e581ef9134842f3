import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { parseEnv } from "node:util";
import { run } from "../../src/cli/run.ts";
import { Terminal } from "../../src/cli/terminal.ts";
import type { CliOptions, Finished } from "./run-cli.ts";

export interface HereOptions extends Omit<CliOptions, "uid"> {
  /** Ctrl-C. */
  readonly signal?: AbortSignal;
  /** Called with each text that is printed. */
  readonly onOutput?: (text: string) => void;
}

/**
 * Runs a command line in this process, for tests that do not depend on a separate process: starting one takes longer
 * than most commands. Its working directory is that of the options for as long as it runs, so that one runs at a time.
 */
export async function runHere(
  words: readonly string[],
  { directory, environment = {}, input = "", signal = new AbortController().signal, onOutput }: HereOptions,
): Promise<Finished> {
  const printed = { out: "", error: "" };
  const stream = (name: "out" | "error") =>
    ({
      write: (text: string) => {
        printed[name] += text;
        onOutput?.(text);
      },
    }) as unknown as NodeJS.WriteStream;
  const before = process.cwd();
  process.chdir(directory);
  try {
    const code = await run({
      arguments: words,
      terminal: new Terminal({ out: stream("out"), error: stream("error"), useColor: false }),
      readEnvironment: () => ({
        ...fileOf(directory),
        OLLAMA_HOST: "127.0.0.1:9",
        CHROMA_URL: "http://127.0.0.1:9",
        ...environment,
      }),
      signal,
      input: Readable.from([input]) as unknown as NodeJS.ReadStream,
      version: "",
    });
    return { code, ...printed };
  } finally {
    process.chdir(before);
  }
}

function fileOf(directory: string): NodeJS.Dict<string> {
  const file = join(directory, ".env");
  return existsSync(file) ? parseEnv(readFileSync(file, "utf8")) : {};
}
