import {
  createStore,
  encryptionOptions,
  openSecondaryStore,
  removePlainCatalogs,
} from "../../composition/application.ts";
import { readSettings } from "../../config/settings.ts";
import { compactIndex, indexFile } from "../../embedded/index.ts";
import { StorageError, UsageError } from "../../foundation/errors.ts";
import { reencrypt } from "../../store/policies/encryption/reencrypt.ts";
import type { CommandContext, Run } from "../command.ts";
import type { encrypt } from "../definitions/encrypt.ts";
import { sendQueuedWrites } from "../queued-writes.ts";

export const runEncrypt: Run<typeof encrypt> = async (values, context) => {
  const { terminal, signal } = context;
  const settings = readSettings(context.environment);
  const encryption = encryptionOptions(settings);
  if (encryption === undefined) {
    throw new UsageError("There is nothing to encrypt.", {
      hint: "Set ENCRYPTION_KEYS, and ENCRYPTED_FIELDS or ENCRYPTED_TEXT_SUMMARY.",
    });
  }
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
    if (store?.name === "embedded") removePlainRemains(indexFile(settings.directory), terminal);
  }
  if (values.json) terminal.json({ keyId: encryption.keys.currentId, results });
  for (const { store, namespace, examined, written } of values.json ? [] : results) {
    terminal.line(
      `${store}, ${namespace === "" ? "default namespace" : namespace}: ${examined} records, ${written} brought under the key ${encryption.keys.currentId}`,
    );
  }
  return undefined;
};

/** What the index held before is plain in the free parts of its file. */
function removePlainRemains(path: string, terminal: CommandContext["terminal"]): void {
  try {
    compactIndex(path);
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    terminal.note(
      `Plain values may remain in unused parts of ${path}: ${error.message} Run ragfood encrypt again when no other process uses the index.`,
    );
  }
}
