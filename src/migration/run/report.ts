import { join } from "node:path";
import { replaceFile } from "../../foundation/durable-file.ts";
import { namespaceName } from "../../foundation/namespace-name.ts";
import { counted } from "../../foundation/plural.ts";
import { shellWord } from "../../foundation/shell-word.ts";
import type { SourceDescription } from "../source.ts";
import type { VerifyReport } from "../verify/index.ts";
import { identityOf } from "./identity.ts";
import type { Migration } from "./migration.ts";
import { type PhaseName, phaseNames } from "./phase-name.ts";
import type { ExportFacts } from "./phases/export.ts";
import { requestedClauses } from "./phases/verify.ts";
import type { PhaseState, PhaseStates } from "./state.ts";
import { proofLines, proofOf } from "./summary.ts";
import { useOf } from "./use.ts";

/** The paths of the report. */
export interface ReportFiles {
  readonly markdown: string;
  readonly json: string;
}

const names = { markdown: "report.md", json: "report.json" };

/**
 * Writes the results of the phases into two files: Markdown for people, JSON for programs.
 * @throws {StorageError}
 */
export async function writeReport(migration: Migration, phases: PhaseStates): Promise<ReportFiles> {
  const { directory } = migration;
  const content = {
    migration: migration.name,
    ...identityOf(migration),
    writtenAt: new Date().toISOString(),
    isComplete: isComplete(phases),
    phases,
  };
  replaceFile(join(directory, names.json), `${JSON.stringify(content, null, 2)}\n`);
  replaceFile(join(directory, names.markdown), reportMarkdown(migration, phases, content.writtenAt));
  return { markdown: join(directory, names.markdown), json: join(directory, names.json) };
}

/** Every phase is done, or does not apply. */
export function isComplete(phases: PhaseStates): boolean {
  return phaseNames.every((name) => {
    const status = phases[name]?.status;
    return status === "done" || status === "skipped";
  });
}

function reportMarkdown(migration: Migration, phases: PhaseStates, writtenAt: string): string {
  const { source, target, name } = migration;
  return [
    `# Migration ${name}: ${completeness(phases)}`,
    "",
    ...proofLines(proofOf(phases)).map((line) => `- ${line}`),
    "",
    `- From: ${source.place}`,
    `- To: ${describeTarget(target)}`,
    `- Written: ${writtenAt}`,
    "",
    "| phase | result | begun | seconds | |",
    "| --- | --- | --- | ---: | --- |",
    ...phaseNames.map((phase) => phaseRow(phase, phases[phase])),
    "",
    ...phaseNames.flatMap((phase) => phaseSection(phase, phases[phase])),
    ...useSection(migration, phases),
    "## The way back",
    "",
    ...wayBack(migration, phases),
    "",
  ].join("\n");
}

/** What a migration has reached in one line; `complete` alone only if nothing is left out. */
export function completeness(phases: PhaseStates): string {
  if (!isComplete(phases)) return "not complete";
  const verified = phases.verify?.outcome.facts as VerifyReport | undefined;
  const planned = phases.plan?.outcome.facts as { readonly source?: SourceDescription } | undefined;
  const unreadable = planned?.source?.skipped?.count ?? 0;
  const clauses = [
    ...(unreadable > 0 ? [`without ${counted(unreadable, "record")} of the source that cannot be read`] : []),
    ...(verified?.counts ? requestedClauses(verified) : []),
  ];
  return clauses.length === 0 ? "complete" : `complete ${clauses.join("; ")}`;
}

function describeTarget(target: Migration["target"]): string {
  const { kind, place, namespace, embedding } = target;
  if (kind === "dump") return `${place}, a dump`;
  const vectors = embedding === "carried" ? "the vectors were carried" : "the target embeds the texts";
  return `${place}, ${namespaceName(namespace)}; ${vectors}`;
}

function useSection(migration: Migration, phases: PhaseStates): string[] {
  const use = isComplete(phases) ? useOf(migration, phases) : undefined;
  if (use === undefined) return [];
  const { settings, notes } = use;
  return [
    "## Using the target",
    "",
    "In `.env`, or before a command:",
    "",
    "```",
    ...settings,
    "```",
    ...notes.flatMap((note) => ["", note]),
    "",
  ];
}

function phaseRow(name: PhaseName, state: PhaseState | undefined): string {
  if (state === undefined) return `| ${name} | not run | | | |`;
  const { status, begunAt, milliseconds, outcome } = state;
  const summary = outcome.summary.replaceAll("|", "\\|").replaceAll(/\s+/g, " ");
  if (status === "skipped") return `| ${name} | skipped | | | ${summary} |`;
  return `| ${name} | ${status} | ${begunAt} | ${(milliseconds / 1_000).toFixed(1)} | ${summary} |`;
}

/** Phases that look at the target before the import. */
const lookedAhead: ReadonlySet<PhaseName> = new Set(["doctor", "plan"]);

function phaseSection(name: PhaseName, state: PhaseState | undefined): string[] {
  if (state === undefined || state.status === "skipped") return [];
  const { gateFailure, markdown } = state.outcome;
  return [
    `## ${name}`,
    "",
    // What it found has changed since: the later phases wrote.
    ...(lookedAhead.has(name) ? [`As of ${state.begunAt}, before anything was written.`, ""] : []),
    ...(gateFailure ? [`**Stopped.** ${gateFailure.found}`, "", `Next: ${gateFailure.advice}`, ""] : []),
    ...(markdown === undefined ? [] : [markdown, ""]),
  ];
}

function wayBack({ target }: Migration, phases: PhaseStates): string[] {
  const backup = phases.backup?.outcome.facts as { path?: string } | undefined;
  const dump = phases.export?.outcome.facts as Partial<ExportFacts> | undefined;
  const isDump = target.kind === "dump";
  return [
    "The source was only read: it serves as before.",
    "",
    ...(backup?.path === undefined
      ? []
      : [`- Restore the directory: \`ragfood backup restore ${shellWord(backup.path)} <directory>\``]),
    ...(dump?.directory === undefined || isDump
      ? []
      : [
          `- The records as they were: \`ragfood dump check ${shellWord(dump.directory)}\`; they import anywhere.`,
        ]),
    `- Into a Chroma server${isDump ? "" : ", with what was written since"}: \`ragfood migrate run --from ${shellWord(target.word)} --to ${shellWord(`http://HOST:8000#${collectionOf(phases)}`)}${embedAgain(target)}`,
  ];
}

/** An index without dense vectors cannot return any. */
function embedAgain({ info }: Migration["target"]): string {
  return info.type === "SPARSE"
    ? " --embed target`, with new vectors made by `EMBEDDER=ollama`: this index has none"
    : "`";
}

function collectionOf({ plan }: PhaseStates): string {
  const facts = plan?.outcome.facts as { readonly source?: { readonly collection: string } } | undefined;
  return facts?.source?.collection || "COLLECTION";
}
