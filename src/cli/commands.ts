import { type Command, type CommandGroup, command } from "./command.ts";
import * as alerts from "./definitions/alerts.ts";
import { ask } from "./definitions/ask.ts";
import * as backup from "./definitions/backup.ts";
import { chat } from "./definitions/chat.ts";
import { checklist } from "./definitions/checklist.ts";
import { cost } from "./definitions/cost.ts";
import * as cutover from "./definitions/cutover.ts";
import { doctor } from "./definitions/doctor.ts";
import { drift } from "./definitions/drift.ts";
import * as dump from "./definitions/dump.ts";
import { emulator } from "./definitions/emulator.ts";
import { encrypt } from "./definitions/encrypt.ts";
import * as evaluate from "./definitions/evaluate.ts";
import * as fallback from "./definitions/fallback.ts";
import * as feedback from "./definitions/feedback.ts";
import { incidents } from "./definitions/incidents.ts";
import * as indexFile from "./definitions/index-file.ts";
import { info } from "./definitions/info.ts";
import { ingest } from "./definitions/ingest.ts";
import { inventory } from "./definitions/inventory.ts";
import * as keys from "./definitions/keys.ts";
import { mcp } from "./definitions/mcp.ts";
import * as migrate from "./definitions/migrate.ts";
import * as queue from "./definitions/queue.ts";
import * as records from "./definitions/records.ts";
import { report } from "./definitions/report.ts";
import { search } from "./definitions/search.ts";
import { scan } from "./definitions/secrets.ts";
import { serve } from "./definitions/serve.ts";
import { status } from "./definitions/status.ts";

/** All commands in the order of the help text. The code of a command loads when it runs. */
export const commands: readonly (Command | CommandGroup)[] = [
  command(ask, async () => (await import("./commands/ask.ts")).runAsk),
  command(chat, async () => (await import("./commands/chat.ts")).runChat),
  command(search, async () => (await import("./commands/search.ts")).runSearch),
  command(serve, async () => (await import("./commands/serve.ts")).runServe),
  command(status, async () => (await import("./commands/status.ts")).runStatus),
  {
    name: "alerts",
    summary: "List alerts, and say that you know of them",
    defaultAction: "list",
    actions: [
      command(alerts.list, async () => (await import("./commands/alerts.ts")).runAlerts),
      command(alerts.ack, async () => (await import("./commands/alerts.ts")).acknowledgeAlerts),
    ],
  },
  command(incidents, async () => (await import("./commands/incidents.ts")).runIncidents),
  {
    name: "keys",
    summary: "Make, list, rotate and revoke the keys of the HTTP API",
    actions: [
      command(keys.create, async () => (await import("./commands/keys.ts")).createKey),
      command(keys.list, async () => (await import("./commands/keys.ts")).listKeys),
      command(keys.rotate, async () => (await import("./commands/keys.ts")).rotateKey),
      command(keys.revoke, async () => (await import("./commands/keys.ts")).revokeKey),
    ],
  },
  command(ingest, async () => (await import("./commands/ingest.ts")).runIngest),
  command(records.get, async () => (await import("./commands/get.ts")).runGet),
  command(records.list, async () => (await import("./commands/list.ts")).runList),
  command(records.remove, async () => (await import("./commands/delete.ts")).runDelete),
  command(info, async () => (await import("./commands/info.ts")).runInfo),
  {
    name: "evaluate",
    summary: "Measure the quality of results and answers against golden queries or judgements",
    defaultAction: "ranking",
    actions: [
      command(evaluate.ranking, async () => (await import("./commands/evaluate.ts")).measureRanking),
      command(evaluate.answers, async () => (await import("./commands/evaluate-answers.ts")).measureAnswers),
    ],
  },
  {
    name: "cutover",
    summary: "Move the traffic of a running service to another store in stages, and back",
    defaultAction: "status",
    actions: [
      command(cutover.status, async () => (await import("./commands/cutover.ts")).showCutover),
      command(cutover.start, async () => (await import("./commands/cutover.ts")).startCutover),
      command(cutover.advance, async () => (await import("./commands/cutover.ts")).advanceCutover),
      command(cutover.rollback, async () => (await import("./commands/cutover.ts")).rollBackCutover),
      command(cutover.cancel, async () => (await import("./commands/cutover.ts")).cancelCutover),
      command(cutover.pause, async () => (await import("./commands/cutover.ts")).pauseCutover),
      command(cutover.resume, async () => (await import("./commands/cutover.ts")).resumeCutover),
      command(cutover.verify, async () => (await import("./commands/cutover.ts")).verifyStores),
      command(cutover.rehearse, async () => (await import("./commands/cutover-rehearse.ts")).rehearseCutover),
      command(cutover.finish, async () => (await import("./commands/cutover.ts")).finishCutover),
      command(cutover.history, async () => (await import("./commands/cutover.ts")).showHistory),
    ],
  },
  {
    name: "queue",
    summary: "Show, send or drop writes that wait in the outbox, or that a store refused",
    defaultAction: "status",
    actions: [
      command(queue.status, async () => (await import("./commands/queue.ts")).showQueue),
      command(queue.drain, async () => (await import("./commands/queue.ts")).sendQueue),
      command(queue.show, async () => (await import("./commands/queue.ts")).showWrite),
      command(queue.retry, async () => (await import("./commands/queue.ts")).retryWrites),
      command(queue.discard, async () => (await import("./commands/queue.ts")).discardWrites),
      command(queue.history, async () => (await import("./commands/queue.ts")).showDecisions),
    ],
  },
  {
    name: "fallback",
    summary: "Compare the index with its second copy, and repair the copy",
    actions: [command(fallback.verify, async () => (await import("./commands/fallback.ts")).verifyFallback)],
  },
  {
    name: "index",
    summary: "Verify, back up, restore or repair the file of the embedded index",
    actions: [
      command(indexFile.verify, async () => (await import("./commands/index-file.ts")).verifyIndex),
      command(indexFile.backup, async () => (await import("./commands/index-file.ts")).backupFile),
      command(indexFile.restore, async () => (await import("./commands/index-file.ts")).restoreFile),
      command(indexFile.repair, async () => (await import("./commands/index-file.ts")).repairFile),
    ],
  },
  command(encrypt, async () => (await import("./commands/encrypt.ts")).runEncrypt),
  command(cost, async () => (await import("./commands/cost.ts")).runCost),
  {
    name: "feedback",
    summary: "Show what users think of the answers",
    defaultAction: "list",
    actions: [command(feedback.list, async () => (await import("./commands/feedback.ts")).listFeedback)],
  },
  command(report, async () => (await import("./commands/report.ts")).runReport),
  command(checklist, async () => (await import("./commands/checklist.ts")).runChecklist),
  command(drift, async () => (await import("./commands/drift.ts")).runDrift),
  command(doctor, async () => (await import("./commands/doctor.ts")).runDoctor),
  {
    name: "migrate",
    summary: "Move records between Chroma, dumps and indexes, and prove that all arrived",
    actions: [
      command(migrate.run, async () => (await import("./commands/migrate-run.ts")).runWholeMigration),
      command(migrate.plan, async () => (await import("./commands/migrate-run.ts")).planMigration),
      command(migrate.importRecords, async () => (await import("./commands/migrate-run.ts")).importMigration),
      command(migrate.verify, async () => (await import("./commands/migrate-verify.ts")).verifyMigration),
      command(migrate.repair, async () => (await import("./commands/migrate-verify.ts")).repairMigration),
      command(migrate.catchUp, async () => (await import("./commands/migrate-verify.ts")).catchUpMigration),
      command(migrate.compare, async () => (await import("./commands/migrate-compare.ts")).compareMigration),
      command(migrate.bench, async () => (await import("./commands/migrate-compare.ts")).benchMigration),
      command(migrate.status, async () => (await import("./commands/migrate-status.ts")).showStatus),
    ],
  },
  {
    name: "dump",
    summary: "Write, check or import a dump of records",
    actions: [
      command(dump.exportDump, async () => (await import("./commands/dump.ts")).runExport),
      command(dump.check, async () => (await import("./commands/dump.ts")).runCheck),
      command(dump.importDump, async () => (await import("./commands/dump.ts")).runImport),
    ],
  },
  {
    name: "backup",
    summary: "Back up index, state, settings and directories; verify, restore and prove backups",
    actions: [
      command(backup.create, async () => (await import("./commands/backup.ts")).createBackup),
      command(backup.list, async () => (await import("./commands/backup.ts")).showBackups),
      command(backup.verify, async () => (await import("./commands/backup.ts")).checkBackup),
      command(backup.prune, async () => (await import("./commands/backup.ts")).removeOldBackups),
      command(backup.restore, async () => (await import("./commands/backup.ts")).restore),
      command(backup.drill, async () => (await import("./commands/backup.ts")).proveBackups),
    ],
  },
  {
    name: "secrets",
    summary: "Look for tokens and keys in files and in the git history",
    actions: [command(scan, async () => (await import("./commands/secrets.ts")).runScan)],
  },
  command(inventory, async () => (await import("./commands/inventory.ts")).runInventory),
  command(mcp, async () => (await import("./commands/mcp.ts")).runMcp),
  command(emulator, async () => (await import("./commands/emulator.ts")).runEmulator),
];

export function nameOf(entry: Command | CommandGroup): string {
  return "actions" in entry ? entry.name : entry.definition.name;
}
