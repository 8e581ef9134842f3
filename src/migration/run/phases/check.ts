import { statSync } from "node:fs";
import { join } from "node:path";
import { counted } from "../../../foundation/plural.ts";
import { checkDump, openDump } from "../../dump/index.ts";
import type { Phase } from "../phase.ts";
import { ProgressMeter } from "../progress-meter.ts";
import { dumpDirectoryOf } from "./export.ts";

const faultsTold = 5;

/** Differs as soon as somebody writes to the file. */
function stateOf(file: string): readonly number[] {
  const found = statSync(file, { throwIfNoEntry: false });
  return found ? [found.size, found.mtimeMs] : [];
}

/** Reads the dump back and compares every record with its hash, before any of it is written anywhere. */
export const checkPhase: Phase = {
  name: "check",
  inputs: async (context) => {
    const directory = dumpDirectoryOf(context);
    const { checksum, shards } = openDump(directory, context.migration.dumpKey);
    return [directory, checksum, shards.map(({ file }) => stateOf(join(directory, file)))];
  },
  async run(context) {
    const { migration, signal, emit } = context;
    const directory = dumpDirectoryOf(context);
    const meter = new ProgressMeter((event) => emit({ ...event, phase: "check" }));
    const { manifest, faults } = await checkDump(directory, {
      ...(migration.dumpKey && { key: migration.dumpKey }),
      signal,
      onEvent: ({ done, total }) => meter.update(done, total),
    });
    const [first] = faults;
    return {
      summary:
        faults.length === 0
          ? `every file and ${counted(manifest.recordCount, "record")} as written`
          : counted(faults.length, "fault"),
      facts: {
        directory,
        recordCount: manifest.recordCount,
        contentHash: manifest.contentHash,
        faults: faults.map(({ message }) => message),
      },
      markdown:
        faults.length === 0
          ? `- ${directory}: every file has its SHA-256, and every record its content hash.`
          : faults.map(({ message }) => `- ${message}`).join("\n"),
      ...(first && {
        refusal: {
          found: faults
            .slice(0, faultsTold)
            .map(({ message }) => message)
            .join("\n"),
          advice: `${first.hint ?? "The dump is damaged."} Nothing was written to the target.`,
        },
      }),
    };
  },
};
