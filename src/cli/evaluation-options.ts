import { fileURLToPath } from "node:url";
import type { Application } from "../composition/application.ts";
import { NotFoundError } from "../foundation/errors.ts";
import type { CommandContext } from "./command.ts";
import { makeReady } from "./prepare.ts";

/** Golden queries on the shipped foods. */
export const shippedQueries: string = fileURLToPath(
  new URL("../../data/golden-queries.json", import.meta.url),
);

export const evaluateArguments = {
  action: {
    type: "positional",
    required: false,
    description: "answers: judge whole answers, as a user gets them (default: the ranking of the results)",
  },
  queries: {
    type: "string",
    description:
      "golden queries; with --judgements, BEIR's queries.jsonl (default: those of the shipped foods)",
    valueHint: "file",
  },
  judgements: {
    type: "string",
    description: "graded judgements (qrels): query, record, grade on each line",
    valueHint: "file",
  },
  "top-k": { type: "string", alias: "k", description: "depth of all figures (default: 10)", valueHint: "n" },
  gain: {
    type: "string",
    description: "worth of a grade: linear, as BEIR has it, or exponential (default: linear)",
    valueHint: "name",
  },
  namespace: {
    type: "string",
    description: "the namespace to search (default: NAMESPACE)",
    valueHint: "name",
  },
  minimum: {
    type: "string",
    description: "exit with code 1 if the mean nDCG, or the share answered well, is lower",
    valueHint: "0 to 1",
  },
  split: { type: "string", description: "answers: ask only this part of the file", valueHint: "name" },
  kind: { type: "string", description: "answers: ask only questions of this kind", valueHint: "name" },
  against: {
    type: "string",
    description: "answers: compare with an earlier run, saved with --json",
    valueHint: "file",
  },
  json: { type: "boolean", description: "print JSON" },
} as const;

/** @throws {NotFoundError} if the namespace is empty */
export async function requireRecords(
  application: Application,
  namespace: string,
  context: CommandContext,
): Promise<void> {
  if (await makeReady(application, namespace, context)) return;
  const isDefault = namespace === application.settings.namespace;
  throw new NotFoundError(
    application.store.name,
    `The ${namespace === "" ? "default namespace" : `namespace "${namespace}"`} of the index holds no records to measure.`,
    { hint: `Fill it with: ragfood ingest${isDefault ? "" : ` --namespace ${namespace}`}` },
  );
}
