import { join } from "node:path";
import { counted } from "../../../foundation/plural.ts";
import { checkDump, openDump } from "../../dump/index.ts";
import { ProgressMeter } from "../../progress-meter.ts";
import type { Phase, PhaseContext } from "../phase.ts";
import { dumpDirectoryOf } from "./export.ts";
import { fileState } from "./file-state.ts";

export interface CheckFacts {
  readonly directory: string;
  readonly recordCount: number;
  readonly contentHash: string;
  readonly faults: readonly string[];
}

const maximumListed = 5;

/** Reads the dump back and compares every record with its hash, before any of it is written to a target. */
export const checkPhase: Phase = {
  name: "check",
  inputs: async (context) => {
    const directory = dumpDirectoryOf(context);
    const { checksum, shards } = openDump(directory, context.migration.dumpKey);
    return [directory, checksum, shards.map(({ file }) => fileState(join(directory, file)))];
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
    const messages = faults.map(({ message }) => message);
    const [first] = faults;
    const { recordCount, contentHash } = manifest;
    const facts: CheckFacts = { directory, recordCount, contentHash, faults: messages };
    return {
      summary: first
        ? counted(faults.length, "fault")
        : `every file and ${counted(recordCount, "record")} as written`,
      facts,
      markdown: first
        ? messages.map((message) => `- ${message}`).join("\n")
        : `- ${directory}: every file matches its SHA-256, and every record its content hash.`,
      ...(first && {
        gateFailure: {
          found: messages.slice(0, maximumListed).join("\n"),
          advice: `${first.hint ?? "The dump is damaged."} Nothing was written to the target.`,
        },
      }),
    };
  },
};

export function checkedDump({ outcomeOf }: PhaseContext): CheckFacts | undefined {
  return outcomeOf("check")?.facts as CheckFacts | undefined;
}
