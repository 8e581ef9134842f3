import { join } from "node:path";
import { counted } from "../../../foundation/plural.ts";
import { quoted } from "../../../foundation/quoted.ts";
import type { CallOptions } from "../../../store/store.ts";
import { ProgressMeter } from "../../progress-meter.ts";
import {
  type Difference,
  type DifferenceKind,
  unrequestedCount,
  type VerifyOptions,
  type VerifyReport,
  verifyDump,
  verifyMarkdown,
  verifyRecords,
} from "../../verify/index.ts";
import type { Migration } from "../migration.ts";
import type { Phase } from "../phase.ts";
import type { GateFailure } from "../phase-name.ts";
import { sectionOf } from "../section.ts";

/**
 * Compares every record of the source itself with the target, and every id of the target with the source. It runs
 * every time: no count or checksum shows that a record of an index was changed since.
 */
export const verifyPhase: Phase = {
  name: "verify",
  async run(context) {
    const { migration, signal, emit } = context;
    const differencesFile = join(migration.directory, "differences.jsonl");
    const meters = {
      records: new ProgressMeter((event) => emit({ ...event, phase: "verify" })),
      extras: new ProgressMeter((event) => emit({ ...event, phase: "verify" })),
    };
    const report = await verifyTarget(migration, {
      differencesFile,
      signal,
      onEvent: (event) => {
        if (event.type === "verify-progress") meters[event.phase].update(event.done, event.total);
        else emit({ ...event, phase: "verify" });
      },
    });
    return {
      summary: verifySummary(report),
      facts: report,
      markdown: sectionOf(verifyMarkdown(report)),
      ...(!report.isPassed && { gateFailure: failureOf(report, migration, differencesFile) }),
    };
  },
};

/** One line: the verdict and the figures. */
export function verifySummary(report: VerifyReport): string {
  const { isIdentical, isPassed, equalCount, counts, source } = report;
  if (isIdentical) return `identical: ${counted(equalCount, "record")}, both ways`;
  const total = source.recordCount + counts["omitted-record"];
  const equal = `${equalCount.toLocaleString("en")} of ${counted(total, "record")} identical`;
  if (!isPassed) return `${equal}, ${counted(unrequestedCount(counts), "difference")}`;
  const { extra } = counts;
  const extras = `the target holds ${counted(extra, "other record")}, as --allow-extras accepts`;
  return [equal, ...(extra > 0 ? [extras] : []), ...requestedClauses(report)].join("; ");
}

/** Ids and keys that a line names. */
const maximumNamed = 5;

/** What was done on request and differs, by name: `without 1 record (…)`, `with 2 fields as text (…)`. */
export function requestedClauses({
  counts,
  differences,
}: Pick<VerifyReport, "counts" | "differences">): string[] {
  const named = (kind: DifferenceKind, name: (difference: Difference) => string) => {
    const names = new Set(differences.filter((difference) => difference.kind === kind).map(name));
    const shown = [...names].slice(0, maximumNamed).map((one) => quoted(one));
    return `${shown.join(", ")}${names.size > maximumNamed ? ", …" : ""}`;
  };
  const records = counts["omitted-record"];
  const fields = counts["omitted-field"];
  const altered = counts["altered-field"];
  return [
    ...(records > 0
      ? [`without ${counted(records, "record")} (--skip-refused: ${named("omitted-record", ({ id }) => id)})`]
      : []),
    ...(fields > 0
      ? [
          `without ${counted(fields, "field")} (--drop-keys: ${named("omitted-field", ({ path = "" }) => path)})`,
        ]
      : []),
    ...(altered > 0
      ? [
          `with integers as text in ${counted(altered, "field")} (--large-integers: ${named("altered-field", ({ path = "" }) => path)})`,
        ]
      : []),
  ];
}

function failureOf(report: VerifyReport, migration: Migration, differencesFile: string): GateFailure {
  const { sourceChange, counts } = report;
  return {
    found:
      sourceChange ?? `${counted(unrequestedCount(counts), "difference")}; all are in ${differencesFile}`,
    advice: adviceFor(report, migration),
  };
}

/** Each advice leads to another state, so that the commands do not recommend each other for ever. */
export function adviceFor(
  { sourceChange, counts }: VerifyReport,
  { target }: Pick<Migration, "target">,
): string {
  if (target.kind === "dump") {
    return "A dump is never overwritten: move this one away, or name another directory, then run this command again.";
  }
  if (sourceChange !== undefined) {
    return "Run ragfood migrate catch-up with the same --from and --to: it writes what changed meanwhile. Then run this command again.";
  }
  const unrequested = unrequestedCount(counts);
  if (counts.extra === unrequested) {
    return "The target holds records that the source does not have. To keep them, run this command again with --allow-extras. To delete those that this migration wrote, run ragfood migrate repair --delete-extras; it keeps all others. Or use a namespace for this migration only: --namespace.";
  }
  if (counts["duplicate-id"] === unrequested) {
    return "The source gives these ids more than once, and a target holds one record for each id. Correct the source.";
  }
  return "Run ragfood migrate repair with the same --from and --to: it writes again what differs, and reports what it cannot correct. Then run this command again.";
}

/**
 * Compares every record of the source with the target of a migration, of any kind, and every id back.
 *
 * @throws {CancelledError}
 * @throws {ServiceError | StorageError | DataError} if either side cannot be read
 */
export async function verifyTarget(
  migration: Migration,
  options: CallOptions & Pick<VerifyOptions, "onEvent"> & { readonly differencesFile?: string },
): Promise<VerifyReport> {
  const { wanted: source, dumpKey, template, allowExtras } = migration;
  if (migration.target.kind === "dump") {
    const { directory } = migration.target;
    return await verifyDump({ ...options, source, directory, ...(dumpKey && { key: dumpKey }) });
  }
  const { differencesFile, ...rest } = options;
  const target = await migration.openTarget("read");
  try {
    return await verifyRecords({
      ...rest,
      source,
      target,
      settings: { template, differencesFile, allowExtras },
    });
  } finally {
    await target.close();
  }
}
