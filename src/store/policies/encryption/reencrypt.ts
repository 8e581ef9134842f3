import { CancelledError } from "../../../foundation/errors.ts";
import type { VectorStore } from "../../store.ts";
import { type EncryptionOptions, RecordCipher } from "./record-cipher.ts";

export interface ReencryptOptions extends EncryptionOptions {
  /** The store itself, below encryption. */
  readonly store: VectorStore;
  readonly namespace: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (examined: number) => void;
}

export interface ReencryptResult {
  /** Records read. */
  readonly examined: number;
  /** Records that were under an older key, or under none, and are under the current one now. */
  readonly written: number;
}

/**
 * Brings every record of a namespace under the current key, and encrypts what is not encrypted yet. Only
 * the encrypted parts are written: vectors stay, except where a text gives way to its summary. Stopped
 * half-way, it goes on when it is run again: what is done is read and not written.
 *
 * A record that somebody changes between its being read and written here loses that change.
 *
 * @throws {DecryptionError} where an older key is missing; what was written stays
 * @throws {EncryptionError} where a text that is not encrypted yet has no summary
 */
export async function reencrypt(options: ReencryptOptions): Promise<ReencryptResult> {
  const { store, namespace, signal, onProgress } = options;
  const cipher = new RecordCipher(options);
  const call = { namespace, ...(signal && { signal }) };
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
