import { readFileSync } from "node:fs";
import { UsageError } from "../../errors.ts";
import { checkDump, type DumpKey, type DumpReport } from "../../migration/dump/index.ts";
import { type Command, defineCommand } from "../command.ts";
import { exitCodes } from "../failure.ts";
import { printable } from "../render.ts";
import type { Terminal } from "../terminal.ts";

/** Faults that a person is shown; `--json` gives all. */
const faultsShown = 20;

const args = {
  action: { type: "positional", required: true, description: "check", valueHint: "check" },
  directory: { type: "positional", required: true, description: "the directory of the dump" },
  "key-file": {
    type: "string",
    description: "the key of an encrypted dump: a file with one line, <key id>:<32 bytes in base64>",
    valueHint: "file",
  },
  json: { type: "boolean", description: "print JSON" },
} as const;

export const dump: Command = defineCommand({
  name: "dump",
  description: "Checks a dump offline: manifest, files, and every record against its hash",
  args,
  examples: [
    ["ragfood dump check foods-dump", "exit code 0 where the dump is whole, 1 where it is not"],
    ["ragfood dump check foods-dump --json", "every fault, for a program"],
    ["ragfood dump check foods-dump --key-file dump.key", "what an encrypted dump holds too"],
  ],
  async run(values, { terminal, signal }) {
    if (values.action !== "check") {
      throw new UsageError(`dump has no action "${values.action}".`, {
        hint: "ragfood dump check <directory>",
      });
    }
    const keyFile = values["key-file"];
    const report = await checkDump(values.directory, {
      ...(keyFile !== undefined && { key: readKey(keyFile) }),
      signal,
      onEvent: ({ done, total }) => terminal.progress("Checking shards", done, total),
    });
    if (values.json) terminal.json(toJson(report));
    else print(report, terminal);
    return report.faults.length === 0 ? exitCodes.done : exitCodes.failed;
  },
});

/** @throws {UsageError} that does not repeat what the file holds */
function readKey(file: string): DumpKey {
  let line: string;
  try {
    line = readFileSync(file, "utf8").trim();
  } catch (cause) {
    throw new UsageError(`The key file ${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
  const [, id, base64] = /^([^:]+):([A-Za-z0-9+/]{43}=)$/.exec(line) ?? [];
  if (id === undefined || base64 === undefined) {
    throw new UsageError(`The key file ${file} has to hold one line, <key id>:<32 bytes in base64>.`, {
      hint: `echo "backup-2026:$(openssl rand -base64 32)" makes one.`,
    });
  }
  return { id, bytes: Buffer.from(base64, "base64") };
}

function toJson({ directory, manifest, isContentChecked, faults }: DumpReport): object {
  const { shards, ...facts } = manifest;
  return {
    directory,
    isWhole: faults.length === 0,
    isContentChecked,
    faults: faults.map((fault) => ({
      file: fault.file,
      message: fault.message,
      ...(fault.hint !== undefined && { hint: fault.hint }),
      faults: fault.faults,
    })),
    manifest: { ...facts, shardCount: shards.length },
  };
}

function print({ directory, manifest, isContentChecked, faults }: DumpReport, terminal: Terminal): void {
  const { recordCount, dimension, source, shards, byteCount, createdAt, encryption } = manifest;
  terminal.line(
    `${printable(directory)}: ${recordCount.toLocaleString("en")} records of ${printable(source.name)}, ${dimension} dimensions, ` +
      `${shards.length} shards, ${(byteCount / 2 ** 20).toFixed(1)} MiB, written ${createdAt}`,
  );
  for (const fault of faults.slice(0, faultsShown)) {
    terminal.line(`${terminal.style("red", "Fault:")} ${printable(fault.message)}`);
  }
  if (faults.length > faultsShown) terminal.line(`… and ${faults.length - faultsShown} more`);
  if (faults.length > 0) terminal.note(faults[0]?.hint ?? "");
  else if (isContentChecked) terminal.line("Whole: every file and every record is what was written.");
  else {
    terminal.line("Every file is what was written. What they hold was not checked: the dump is encrypted.");
    terminal.note(`Give the key "${printable(encryption?.keyId ?? "")}" with --key-file to check it.`);
  }
}
