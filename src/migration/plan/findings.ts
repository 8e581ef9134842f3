import type { SourceDescription } from "../source.ts";
import type { CostEstimate } from "./cost.ts";
import { type Finding, type FindingsOptions, ofRecords } from "./finding.ts";
import { carriedFindings } from "./findings-carried.ts";
import { embeddedFindings } from "./findings-embedded.ts";
import type { RecordSurvey } from "./survey.ts";

export function planFindings(options: FindingsOptions): Finding[] {
  return [
    ...recordFindings(options.survey),
    ...(options.target.embedding === "carried" ? carriedFindings(options) : embeddedFindings(options)),
    ...placeFindings(options),
    ...costFindings(options.cost),
  ];
}

/** What concerns records however their vectors come about. */
function recordFindings(survey: RecordSurvey): Finding[] {
  return [
    ...repeatedFindings(survey),
    ...ofRecords(survey.invalidIds, {
      level: "problem",
      code: "invalid-id",
      message: "Upstash Vector takes no id that is empty or holds the character U+0000.",
      hint: "Give the records other ids in the source.",
    }),
    ...ofRecords(survey.largeMetadata, {
      level: "problem",
      code: "large-metadata",
      message: "Metadata takes more than the 48 KB that a record may have.",
      hint: "Move what is large into the text, or leave it out of the metadata.",
    }),
    ...ofRecords(survey.largeText, {
      level: "problem",
      code: "large-text",
      message: "The text takes more than the 1 MB that a record may have.",
      hint: "Cut the text into records of their own.",
    }),
  ];
}

export function repeatedFindings({ repeatedIds }: RecordSurvey): Finding[] {
  return ofRecords(repeatedIds, {
    level: "problem",
    code: "duplicate-id",
    message: "The source gives ids more than once; a target holds one record of an id.",
    hint: "Leave in the source the record that is meant.",
  });
}

/** A source that does not give what it counts, or nothing at all. */
export function countFindings(survey: RecordSurvey, description: SourceDescription): Finding[] {
  const findings: Finding[] = [];
  if (survey.recordCount !== description.recordCount) {
    findings.push({
      level: "warning",
      code: "source-count",
      message: `The source counts ${description.recordCount.toLocaleString("en")} records and gives ${survey.recordCount.toLocaleString("en")}.`,
      hint: "Let nobody write to it while it is migrated, or catch up afterwards.",
    });
  }
  if (survey.recordCount === 0) {
    findings.push({ level: "warning", code: "empty-source", message: "The source gives no records." });
  }
  return findings;
}

function placeFindings({ present, survey, target, description }: FindingsOptions): Finding[] {
  const place = `The namespace ${JSON.stringify(target.namespace)} of the target`;
  const findings = countFindings(survey, description);
  if (present === 0) {
    findings.push({ level: "fact", code: "target-empty", message: `${place} is empty.` });
    return findings;
  }
  const others = present - survey.existing.count;
  findings.push({
    level: "warning",
    code: "target-not-empty",
    message: `${place} holds ${present.toLocaleString("en")} records: ${survey.existing.count.toLocaleString("en")} have ids of the source and would be written over, ${others.toLocaleString("en")} would stay beside what is migrated.`,
    hint: "Migrate into a namespace of its own, unless this one is meant.",
    recordCount: survey.existing.count,
    ids: survey.existing.ids,
  });
  return findings;
}

function costFindings(cost: CostEstimate | undefined): Finding[] {
  if (cost === undefined) return [];
  const findings: Finding[] = cost.breaches.map((breach) => ({
    level: "problem",
    code: "plan-limit",
    message: `The plan ${cost.plan} allows less: ${breach}.`,
    hint: "Take a larger plan, or migrate less.",
  }));
  if (cost.days > 1) {
    findings.push({
      level: "warning",
      code: "plan-quota",
      message: `The daily quota of the plan ${cost.plan} spreads the migration over ${cost.days} days.`,
      hint: "Go on with the same command after 00:00 UTC, or take a larger plan.",
    });
  }
  return findings;
}
