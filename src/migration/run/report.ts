import { join } from "node:path";
import { replaceFile } from "../../foundation/durable-file.ts";
import { identityOf } from "./identity.ts";
import type { Migration } from "./migration.ts";
import { type PhaseName, phaseNames } from "./phase.ts";
import type { ExportFacts } from "./phases/export.ts";
import type { PhaseState, PhaseStates } from "./state.ts";
import { useOf } from "./use.ts";

/** Where the report lies. */
export interface ReportFiles {
  readonly markdown: string;
  readonly json: string;
}

const names = { markdown: "report.md", json: "report.json" };

/**
 * Writes what the phases found into two files, one for people and one for programs.
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
  const files = { markdown: join(directory, names.markdown), json: join(directory, names.json) };
  replaceFile(files.json, `${JSON.stringify(content, null, 2)}\n`);
  replaceFile(files.markdown, reportMarkdown(migration, phases, content.writtenAt));
  return files;
}

/** Every phase but the report is done, or has nothing to do. */
export function isComplete(phases: PhaseStates): boolean {
  return phaseNames.every((name) => name === "report" || isPassed(phases[name]));
}

function isPassed(state: PhaseState | undefined): boolean {
  return state?.status === "done" || state?.status === "left-out";
}

function reportMarkdown(migration: Migration, phases: PhaseStates, writtenAt: string): string {
  const { source, target, name } = migration;
  return [
    `# Migration ${name}: ${isComplete(phases) ? "complete" : "not complete"}`,
    "",
    `- From: ${source.place}`,
    `- To: ${describeTarget(target)}`,
    `- Written: ${writtenAt}`,
    "",
    "| phase | result | seconds | |",
    "| --- | --- | ---: | --- |",
    ...phaseNames.flatMap((phase) => phaseRow(phase, phases[phase])),
    "",
    ...phaseNames.flatMap((phase) => phaseSection(phase, phases[phase])),
    ...useSection(migration, phases),
    "## The way back",
    "",
    ...wayBack(migration, phases),
    "",
  ].join("\n");
}

function describeTarget({ place, namespace, embedding, dumpDirectory }: Migration["target"]): string {
  if (dumpDirectory !== undefined) return `${place}, a dump`;
  const vectors = embedding === "carried" ? "the vectors were carried" : "the target embeds the texts";
  return `${place}, namespace ${JSON.stringify(namespace)}; ${vectors}`;
}

function useSection(migration: Migration, phases: PhaseStates): string[] {
  const use = isComplete(phases) ? useOf(migration, phases) : undefined;
  if (use === undefined) return [];
  const { settings, notes } = use;
  return [
    "## Asking the target",
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

function phaseRow(name: PhaseName, state: PhaseState | undefined): string[] {
  if (name === "report") return [];
  if (state === undefined) return [`| ${name} | not run | | |`];
  const seconds = state.status === "left-out" ? "" : (state.milliseconds / 1_000).toFixed(1);
  const summary = state.outcome.summary.replaceAll("|", "\\|").replaceAll(/\s+/g, " ");
  return [`| ${name} | ${state.status} | ${seconds} | ${summary} |`];
}

function phaseSection(name: PhaseName, state: PhaseState | undefined): string[] {
  if (state === undefined || state.status === "left-out") return [];
  const { refusal, markdown } = state.outcome;
  return [
    `## ${name}`,
    "",
    ...(refusal ? [`**Stopped.** ${refusal.found}`, "", `To do: ${refusal.advice}`, ""] : []),
    ...(markdown === undefined ? [] : [markdown, ""]),
  ];
}

function wayBack({ target }: Migration, phases: PhaseStates): string[] {
  const backup = phases.backup?.outcome.facts as { path?: string } | undefined;
  const dump = phases.export?.outcome.facts as Partial<ExportFacts> | undefined;
  return [
    "The source was only read: it serves as before.",
    "",
    ...(backup?.path === undefined
      ? []
      : [`- Restore the directory: \`ragfood backup restore ${backup.path} <directory>\``]),
    ...(dump?.directory === undefined || target.dumpDirectory !== undefined
      ? []
      : [`- The records as they were: \`ragfood dump check ${dump.directory}\`; they import anywhere.`]),
    `- Into a Chroma server${target.dumpDirectory === undefined ? ", with what was written since" : ""}: \`ragfood migrate run --from ${target.word} --to http://HOST:8000#${collectionOf(phases)}${embedAgain(target)}`,
  ];
}

/** An index without dense vectors has none to give back. */
function embedAgain({ info }: Migration["target"]): string {
  return info.type === "SPARSE"
    ? " --embed target`, with vectors made anew by `EMBEDDER=ollama`: this index has none"
    : "`";
}

function collectionOf({ plan }: PhaseStates): string {
  const facts = plan?.outcome.facts as { readonly source: { readonly collection: string } } | undefined;
  return facts?.source.collection || "COLLECTION";
}
