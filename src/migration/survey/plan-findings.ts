import type { Finding } from "../../foundation/finding.ts";
import { namespaceName } from "../../foundation/namespace-name.ts";
import { counted } from "../../foundation/plural.ts";
import { ofRecords } from "../id-tally.ts";
import { carriedFindings } from "./carried-findings.ts";
import type { CostEstimate } from "./cost.ts";
import { embeddedFindings } from "./embedded-findings.ts";
import type { PlanContext } from "./plan-context.ts";
import {
  countFindings,
  filterKeyFindings,
  omissionFindings,
  problemFindings,
  repeatedFindings,
} from "./record-findings.ts";

export function planFindings(context: PlanContext): Finding[] {
  const { survey, index, target, cost } = context;
  return [
    ...repeatedFindings(survey),
    ...problemFindings(survey, index),
    ...omissionFindings(survey, context.droppedKeys),
    ...(target.embedding === "carried" ? carriedFindings(context) : embeddedFindings(context)),
    // Chroma has a different filter language.
    ...(target.store.name === "chroma" ? [] : filterKeyFindings(survey)),
    ...placeFindings(context),
    ...costFindings(cost),
  ];
}

function placeFindings(context: PlanContext): Finding[] {
  const { present, survey, target, description } = context;
  const name = namespaceName(target.namespace);
  const findings = countFindings(survey, description);
  if (present === 0) {
    return [
      ...findings,
      { level: "fact", code: "target-empty", message: `In the target, ${name} is empty.` },
    ];
  }
  const { count, ids } = survey.existing;
  return [
    ...findings,
    {
      level: "warning",
      code: "target-not-empty",
      message: `In the target, ${name} has ${counted(present, "record")}: ${count.toLocaleString("en")} have ids of the source, ${(present - count).toLocaleString("en")} would stay beside the migrated ones.`,
      hint: "Migrate into a separate namespace, unless this one is intended.",
      recordCount: count,
      ids,
    },
    ...foreignFindings(context, name),
  ];
}

/** Records that writing would destroy: no backup of this migration has them. */
function foreignFindings({ survey, overwrite }: PlanContext, name: string): Finding[] {
  const { count } = survey.foreign;
  const own = "that this migration did not write";
  return ofRecords(survey.foreign, {
    level: overwrite ? "warning" : "problem",
    code: "target-overwrite",
    message: `In the target, ${counted(count, "record")} of ${name} ${own} would be replaced by other content.`,
    hint: overwrite
      ? "ragfood dump export keeps them as they are now."
      : "Migrate into another namespace with --namespace, or allow it with --overwrite. To keep them as they are now: ragfood dump export.",
  });
}

function costFindings(cost: CostEstimate | undefined): Finding[] {
  if (cost === undefined) return [];
  const findings: Finding[] = cost.breaches.map((breach) => ({
    level: "problem",
    code: "plan-limit",
    message: `The Upstash plan ${cost.plan} allows less: ${breach}.`,
    hint: "Choose a larger plan, or migrate less.",
  }));
  if (cost.days > 1) {
    findings.push({
      level: "warning",
      code: "plan-quota",
      message: `The daily quota of the Upstash plan ${cost.plan} spreads the migration over ${cost.days} days.`,
      hint: "Run the same command again after 00:00 UTC each day, or choose a larger plan.",
    });
  }
  return findings;
}
