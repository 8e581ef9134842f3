import { existsSync } from "node:fs";
import {
  createStore,
  encryptionOptions,
  openSecondaryStore,
  removePlainCatalogs,
} from "../../composition/application.ts";
import { requireOutsideCutover } from "../../composition/outside-cutover.ts";
import { ownIdentity, secondIdentity } from "../../composition/store-identity.ts";
import { readSettings, type Settings } from "../../config/settings.ts";
import { writesElsewhere } from "../../cutover/queue/pairs.ts";
import { compactIndex, indexFile } from "../../embedded/index.ts";
import { StorageError, UsageError } from "../../foundation/errors.ts";
import { namespaceName } from "../../foundation/namespace-name.ts";
import { counted } from "../../foundation/plural.ts";
import { stateFileIn } from "../../state/open.ts";
import { compactSqliteState } from "../../state/sqlite.ts";
import { StateError } from "../../state/state-error.ts";
import { reencrypt } from "../../store/policies/encryption/reencrypt.ts";
import type { CommandContext, Run } from "../command.ts";
import type { encrypt } from "../definitions/encrypt.ts";
import { sendQueuedWrites, withOutbox } from "../queued-writes.ts";

export const runEncrypt: Run<typeof encrypt> = async (values, context) => {
  const { terminal, signal } = context;
  const settings = readSettings(context.environment);
  const encryption = encryptionOptions(settings);
  if (encryption === undefined) {
    throw new UsageError("There is nothing to encrypt.", {
      hint: "Set ENCRYPTION_KEYS, and ENCRYPTED_FIELDS or ENCRYPTED_TEXT_SUMMARY.",
    });
  }
  await requireOutsideCutover(settings, [ownIdentity(settings), secondIdentity(settings) ?? []].flat());
  await sendQueuedWrites(settings, context);
  const results = [];
  for (const open of [createStore, openSecondaryStore]) {
    const store = open(settings);
    try {
      const found =
        values.namespace === undefined ? await store?.listNamespaces({ signal }) : [values.namespace];
      for (const namespace of store ? (found ?? []) : []) {
        const result = await reencrypt({
          ...encryption,
          store: store as NonNullable<typeof store>,
          namespace,
          signal,
          onProgress: (examined) => terminal.progress(`Encrypting in ${store?.name}`, examined, examined),
        });
        results.push({ store: store?.name, namespace, ...result });
      }
    } finally {
      await store?.close();
    }
    removePlainCatalogs(settings);
    if (store?.name === "embedded") removePlainRemains(indexFile(settings.directory), compactIndex, terminal);
  }
  await noteKeptWrites(settings, context);
  const stateFile = stateFileIn(settings.directory);
  if (existsSync(stateFile)) removePlainRemains(stateFile, compactSqliteState, terminal);
  if (values.json) terminal.json({ keyId: encryption.keys.currentId, results });
  for (const { store, namespace, examined, written } of values.json ? [] : results) {
    terminal.line(
      `${store}, ${namespaceName(namespace)}: ${counted(examined, "record")}, ${written.toLocaleString("en")} encrypted with the key ${encryption.keys.currentId}`,
    );
  }
  return undefined;
};

/** A write that is not sent stays as it was written, perhaps before there was a key. */
async function noteKeptWrites(settings: Settings, context: CommandContext): Promise<void> {
  const kept = await withOutbox(settings, context, async ({ state, pair, protocol }) => {
    const elsewhere = Object.values(await writesElsewhere(state, pair)).reduce((sum, each) => sum + each, 0);
    return elsewhere + (await protocol.transaction(async (rows) => rows.countParked(), { readOnly: true }));
  });
  if (!kept) return;
  context.terminal.note(
    `Plain values may remain in ${counted(kept, "queued write")} that ${kept === 1 ? "is" : "are"} parked or for another index. Retry or discard them (ragfood queue), then run ragfood encrypt again.`,
  );
}

/** What a file held before is plain in its free parts. */
function removePlainRemains(
  path: string,
  compact: (path: string) => void,
  terminal: CommandContext["terminal"],
): void {
  try {
    compact(path);
  } catch (error) {
    if (!(error instanceof StorageError || error instanceof StateError)) throw error;
    terminal.note(
      `Plain values may remain in unused parts of ${path}: ${error.message} Run ragfood encrypt again when no other process uses the file.`,
    );
  }
}
