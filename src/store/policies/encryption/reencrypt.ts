import { CancelledError } from "../../../foundation/errors.ts";
import type { VectorStore } from "../../store.ts";
import { type EncryptionOptions, RecordCipher } from "./record-cipher.ts";

export interface ReencryptOptions extends EncryptionOptions {
  /** The store itself, below encryption. */
  readonly store: VectorStore;
  readonly namespace: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (examined: number) => void;
}

export interface ReencryptResult {
  /** Records read. */
  readonly examined: number;
  /** Records that were encrypted with an older key, or not at all, and are now encrypted with the current key. */
  readonly written: number;
}

/**
 * Encrypts every record of a namespace with the current key. Only the encrypted parts are written: vectors stay,
 * except if the summary replaces a text. If it is stopped, run it again: finished records are read and not written.
 *
 * A change that another process makes to a record between reading and writing it here is lost.
 *
 * @throws {DecryptionError} if an older key is missing; what was written stays
 * @throws {EncryptionError} if a text that is not encrypted yet has no summary
 */
export async function reencrypt(options: ReencryptOptions): Promise<ReencryptResult> {
  const { store, namespace, signal, onProgress } = options;
  const cipher = new RecordCipher(options);
  const call = { namespace, signal };
  let examined = 0;
  let written = 0;
  for await (const page of store.range(call)) {
    for (const record of page) {
      if (signal?.aborted) {
        throw new CancelledError(`Stopped after ${examined} records.`, {
          hint: "Run the command again to go on.",
        });
      }
      const renewal = cipher.renewal(record, namespace);
      if (renewal && (await store.update({ id: record.id, ...renewal, mergeMetadata: true }, call)))
        written++;
      examined++;
    }
    onProgress?.(examined);
  }
  return { examined, written };
}
