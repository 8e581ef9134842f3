import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Settings } from "../../config/settings.ts";
import { DataError, UsageError } from "../../foundation/errors.ts";
import { byName } from "../../foundation/own-keys.ts";
import { ownerDirectory, ownerFile } from "../../foundation/owner-only.ts";
import { counted } from "../../foundation/plural.ts";
import { writeDump } from "../../migration/dump/index.ts";
import { importRecords } from "../../migration/import/index.ts";
import type { Ledger } from "../../migration/ledger/index.ts";
import { type Endpoint, openMigrationLedger } from "../../migration/run/index.ts";
import { TransformedSource } from "../../migration/transformed-source.ts";
import { verifyRecords } from "../../migration/verify/index.ts";
import { createBackup } from "../../operations/backups/create.ts";
import type { BackupPart } from "../../operations/backups/part.ts";
import { createStore } from "../application.ts";
import { knownDumpKey, ownDumpKey } from "../dump-keys.ts";
import { openMigration, openSource } from "../endpoints/migration.ts";
import type { BackupSettings } from "./backup-settings.ts";

/** The namespaces of an index, and the dump of each. */
interface Contents {
  readonly format: "ragfood-records";
  readonly namespaces: Readonly<Record<string, string>>;
}

/** Every record of an index that is not in a file here: a dump of each namespace, read page by page. */
export function recordsPart(given: BackupSettings): BackupPart {
  const { settings, backupsDirectory, key } = given;
  const endpoint: Endpoint = { kind: settings.store === "chroma" ? "chroma-server" : "upstash" };
  const part: BackupPart = {
    kind: "records",
    name: `records-${settings.store}`,
    source:
      settings.store === "chroma"
        ? `${settings.chroma.url}#${settings.chroma.collection}`
        : `${settings.upstash?.url}`,
    obstacle: () => undefined,
    async write(directory, signal) {
      const namespaces = byName<string>([]);
      const sealing = ownDumpKey(endpoint, settings);
      for (const [place, namespace] of (await namespacesOf(settings, signal)).entries()) {
        const source = await openSource(endpoint, { settings, namespace, signal });
        try {
          const dump = `namespace-${place}`;
          await writeDump(source.records, join(directory, dump), {
            ...(sealing && { key: sealing }),
            signal,
          });
          namespaces[namespace] = dump;
        } finally {
          await source.close();
        }
      }
      writeFileSync(contentsIn(directory), JSON.stringify({ format: "ragfood-records", namespaces }), {
        mode: ownerFile,
      });
    },
    async prove(directory, place, signal) {
      let count = 0;
      for (const [namespace, dump] of Object.entries(read(directory).namespaces)) {
        const target = join(place, dump);
        mkdirSync(target, { mode: ownerDirectory });
        const { recordCount } = await copy({
          settings: { ...settings, directory: target },
          to: { kind: "embedded", path: target },
          dump: join(directory, dump),
          namespace,
          signal,
        });
        count += recordCount;
      }
      return `${counted(count, "record")} restored into an index, each equal to that of the backup`;
    },
    async restore(directory, { replace, signal }) {
      const present = await countRecords(settings, signal);
      if (present > 0 && !replace) {
        throw new UsageError(`${part.source} holds ${counted(present, "record")}. Nothing was changed.`, {
          hint: "To back them up and write those of the backup over them, add --replace.",
        });
      }
      const aside =
        present > 0
          ? await createBackup(part, backupsDirectory, { key, signal, reason: "before-restore" })
          : undefined;
      let count = 0;
      let extraCount = 0;
      // The ledger of this import is of no use after it.
      const own = { ...settings, directory: join(directory, "ledger") };
      for (const [namespace, dump] of Object.entries(read(directory).namespaces)) {
        const copied = await copy({
          settings: own,
          to: endpoint,
          dump: join(directory, dump),
          namespace,
          signal,
        });
        count += copied.recordCount;
        extraCount += copied.extraCount;
      }
      return {
        summary: `${part.source}: ${counted(count, "record")}, each compared with the backup`,
        aside: aside?.path,
        notes:
          extraCount === 0
            ? []
            : [
                `${counted(extraCount, "record")} that the backup does not have were left. ragfood list shows them.`,
              ],
      };
    },
  };
  return part;
}

function contentsIn(directory: string): string {
  return join(directory, "namespaces.json");
}

/** @throws {DataError} */
function read(directory: string): Contents {
  const file = contentsIn(directory);
  const contents = JSON.parse(readFileSync(file, "utf8")) as Contents;
  if (contents.format === "ragfood-records") return contents;
  throw new DataError(file, `${file} does not list the dumps of an index.`);
}

/** With the default namespace, which an empty index has too. */
async function namespacesOf(settings: Settings, signal: AbortSignal | undefined): Promise<string[]> {
  return Object.keys({ "": 0, ...(await countsOf(settings, signal)) });
}

async function countRecords(settings: Settings, signal: AbortSignal | undefined): Promise<number> {
  return Object.values(await countsOf(settings, signal)).reduce((sum, count) => sum + count, 0);
}

async function countsOf(
  settings: Settings,
  signal: AbortSignal | undefined,
): Promise<Readonly<Record<string, number>>> {
  const store = createStore(settings);
  try {
    return (await store.info({ signal })).namespaces;
  } finally {
    await store.close();
  }
}

interface CopyRequest {
  readonly settings: Settings;
  readonly to: Endpoint;
  readonly dump: string;
  readonly namespace: string;
  readonly signal: AbortSignal | undefined;
}

/**
 * Imports a dump with its vectors as they are, and compares every record.
 * @throws {DataError} if one differs
 */
async function copy(request: CopyRequest): Promise<{ recordCount: number; extraCount: number }> {
  const { settings, to, dump, namespace, signal = new AbortController().signal } = request;
  const sourceKey = knownDumpKey(dump, settings);
  const migration = await openMigration({
    settings,
    from: { kind: "dump", path: dump },
    to,
    namespace,
    embedding: "carried",
    allowExtras: true,
    allowEmpty: true,
    signal,
    ...(sourceKey && { sourceKey }),
    name: `restore-${process.pid}-${Date.now()}`,
  });
  try {
    const { recordCount } = await migration.source.records.describe({ signal });
    if (recordCount === 0) return { recordCount, extraCount: 0 };
    // An open ledger is a lock, which a target that fails to open must not leave behind.
    const target = await migration.openTarget("write");
    let ledger: Ledger | undefined;
    try {
      ledger = await openMigrationLedger(migration, signal);
      const { failure } = await importRecords({
        source: new TransformedSource(migration.wanted, { embedding: "carried", template: undefined }),
        target,
        ledger,
        signal,
      });
      if (failure) throw failure;
      const report = await verifyRecords({
        source: migration.wanted,
        target,
        signal,
        settings: { allowExtras: true },
      });
      if (report.equalCount !== recordCount)
        throw new DataError(
          dump,
          `${counted(recordCount - report.equalCount, "record")} of ${dump} differ after the restore.`,
          {
            hint: "Restore again. If it happens again, keep the backup and report this.",
          },
        );
      return { recordCount, extraCount: Math.max(0, report.target.recordCount - recordCount) };
    } finally {
      await target.close();
      ledger?.close();
    }
  } finally {
    await migration.close();
  }
}
