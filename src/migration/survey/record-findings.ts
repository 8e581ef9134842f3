import type { Finding } from "../../foundation/finding.ts";
import { counted } from "../../foundation/plural.ts";
import { quoted } from "../../foundation/quoted.ts";
import { upstashRecordLimits } from "../../store/upstash-limits.ts";
import { ofRecords } from "../id-tally.ts";
import type { ProblemCode, TargetIndex } from "../record-problems.ts";
import type { SourceDescription } from "../source.ts";
import type { Survey } from "./survey.ts";

const skipHint = "Or leave these records out with --skip-refused.";
const embedHint = "let the target embed the texts with --embed target";

/** What prevents records from being held, in words. Without an index, the place is a dump. */
export function problemFindings(survey: Survey, index?: TargetIndex): Finding[] {
  return [...survey.problems].flatMap(([code, tally]) => {
    const [explanation, hint] = explanations[code] ?? dimensionText(survey, index);
    const example = explanation.endsWith(".")
      ? ""
      : `. In the first record, ${survey.examples.get(code)?.message}.`;
    // All records of a source would leave nothing to migrate.
    const skip = index && tally.count < survey.recordCount ? ` ${skipHint}` : "";
    return ofRecords(tally, {
      code,
      level: "problem",
      message: `${explanation}${example}`,
      hint: hint + skip,
    });
  });
}

/** What is left out or changed on request: `--skip-refused`, `--drop-keys` and `--large-integers text`. */
export function omissionFindings(survey: Survey, droppedKeys: readonly string[] = []): Finding[] {
  const { omittedRecords, omissionReason, omittedFields, recordCount } = survey;
  const unknown = droppedKeys.filter((key) => !omittedFields.has(key)).map((key) => quoted(key));
  return [
    ...ofRecords(omittedRecords, {
      level: recordCount === 0 ? "problem" : "warning",
      code: "omitted-record",
      message: `Records are left out by --skip-refused${recordCount === 0 ? ", and no record is left" : ""}. In the first, ${omissionReason}.`,
      hint: "The dump and the backup keep them.",
    }),
    ...[...omittedFields].flatMap(([field, tally]) =>
      ofRecords(tally, {
        level: "warning",
        code: "omitted-field",
        message: `The field ${quoted(field)} is left out by --drop-keys.`,
        hint: "The dump and the backup keep it.",
      }),
    ),
    ...[...survey.alteredFields].flatMap(([field, tally]) =>
      ofRecords(tally, {
        level: "warning",
        code: "altered-field",
        message: `Integers beyond 2^53 of the field ${quoted(field)} are kept as text by --large-integers: filters compare them as text.`,
        hint: "Filters by number on this field find none of them. The backup keeps the integers.",
      }),
    ),
    ...unknown.map(
      (key): Finding => ({
        level: "problem",
        code: "unknown-key",
        message: `No record has the metadata key ${key} of --drop-keys.`,
        hint: "Correct the key: ragfood inventory lists those of a Chroma. Keys are those of the source, at the first level.",
      }),
    ),
  ];
}

/** Message and hint of each problem; a message without a full stop is followed by the problem of the first record. */
const explanations: Readonly<Partial<Record<ProblemCode, readonly [message: string, hint: string]>>> = {
  "invalid-id": ["Ids cannot be used", "Give these records other ids in the source."],
  "invalid-text": ["Texts cannot be stored", "Correct these texts in the source."],
  "large-text": [
    `Texts take more than the ${upstashRecordLimits.textBytes.toLocaleString("en")} bytes (1 MB) that the text of a record may have.`,
    "Split each of these texts into several records.",
  ],
  "no-text": [
    "Records have no text, so they cannot be embedded.",
    "Keep the source's vectors with --vectors keep, or add the texts in the source.",
  ],
  "invalid-metadata": ["Metadata has values that JSON cannot hold", "Replace these values in the source."],
  "large-metadata": [
    `Metadata takes more than the ${upstashRecordLimits.metadataBytes.toLocaleString("en")} bytes (48 KB) that a record may have`,
    "Leave out the field with --drop-keys KEY, or shorten it in the source.",
  ],
  "large-record": [
    "Records are too large for a dump of JSON Lines",
    "Shorten the texts or the metadata of these records in the source, or use --format parquet.",
  ],
  "no-vector": [
    "Records have no vector that could be kept.",
    `Add these records in the source with their vectors, or ${embedHint}.`,
  ],
  "no-sparse-vector": [
    "The target refuses records without a sparse vector, which the source does not have.",
    `Migrate to a DENSE index, or ${embedHint}.`,
  ],
  "dense-vector": [
    "The target is SPARSE and takes no dense vectors.",
    `Migrate to a DENSE or HYBRID index, or ${embedHint}.`,
  ],
  "sparse-vector": [
    "The target is DENSE and takes no sparse vectors. Without them, matches by exact words would be lost, so they are not dropped.",
    `Migrate to a HYBRID index, or ${embedHint}.`,
  ],
  "large-sparse-vector": [
    "Sparse vectors have more than the 1,000 entries that a record may have.",
    "Keep the entries with the greatest weights.",
  ],
  "invalid-sparse-vector": ["Sparse vectors are not valid", "Correct these vectors in the source."],
  "non-finite": [
    "Vectors have components that are not finite numbers",
    `Embed the texts of these records again in the source, or ${embedHint}.`,
  ],
};

function dimensionText(survey: Survey, index: TargetIndex | undefined): readonly [string, string] {
  return [dimensionMessage(survey, index), dimensionHint([...survey.dimensions.keys()], index)];
}

function dimensionMessage({ dimensions }: Survey, index: TargetIndex | undefined): string {
  const lengths = [...dimensions].map(
    ([dimension, { count }]) => `${count.toLocaleString("en")} of ${dimension}`,
  );
  const found = `The source has vectors of these dimensions: ${lengths.join(", ")}`;
  return index
    ? `${found}; the target takes ${counted(index.dimension, "dimension")}.`
    : `${found}; a dump takes only the dimension of the source.`;
}

function dimensionHint(
  [dimension = 0, ...others]: readonly number[],
  index: TargetIndex | undefined,
): string {
  if (index === undefined) return "Embed these texts in the source with the model of the others.";
  if (others.length > 0) return `Embed all texts in the source with one model, or ${embedHint}.`;
  return dimension > upstashRecordLimits.dimension
    ? `No index takes vectors of more than ${upstashRecordLimits.dimension.toLocaleString("en")} dimensions: ${embedHint}.`
    : `Create an index of ${dimension} dimensions, or ${embedHint}.`;
}

export function repeatedFindings({ repeatedIds }: Survey): Finding[] {
  return ofRecords(repeatedIds, {
    level: "problem",
    code: "duplicate-id",
    message: "The source has ids more than once; a target holds one record for each id.",
    hint: "Keep only one record of each id in the source.",
  });
}

export function zeroVectorFindings({ zeroVectors }: Survey): Finding[] {
  return ofRecords(zeroVectors, {
    level: "warning",
    code: "zero-vector",
    message: "Vectors are all zeros: they have no direction, so that search by cosine does not find them.",
    hint: "Embed the texts of these records again.",
  });
}

/** Paths that a finding names. */
const maximumPaths = 10;

/** Keys that filters of Upstash Vector cannot name; whether that matters depends on the application. */
export function filterKeyFindings({ filterKeys, recordCount }: Survey): Finding[] {
  const paths = filterKeys.list();
  const named = paths.slice(0, maximumPaths).map(({ path, recordCount }) => {
    return `${quoted(path)} in ${recordCount.toLocaleString("en")}`;
  });
  if (paths.length > named.length) named.push(`and ${counted(paths.length - named.length, "more key")}`);
  // Ids say nothing if every record has such a key.
  const { count, ids } = filterKeys.records;
  return ofRecords(
    { count, ids: count === recordCount ? [] : ids },
    {
      level: "warning",
      code: "filter-key",
      message: `Metadata has keys that the target's filters cannot name: ${named.join(", ")}. The values are stored; only filters by them are impossible.`,
      hint: "Rename them on the way with --rename-keys auto, or with a JSON file that maps old to new names.",
    },
  );
}

/** A source that does not have as many records as it counts, or none at all. */
export function countFindings(survey: Survey, description: SourceDescription): Finding[] {
  const findings: Finding[] = [];
  if (survey.recordCount !== description.recordCount) {
    findings.push({
      level: "warning",
      code: "source-count",
      message: `The source counts ${counted(description.recordCount, "record")} and gives ${survey.recordCount.toLocaleString("en")}.`,
      hint: "Stop what writes to it during the migration, or run the migration again afterwards.",
    });
  }
  if (survey.recordCount === 0) {
    findings.push({ level: "warning", code: "empty-source", message: "The source holds no records." });
  }
  return findings;
}
