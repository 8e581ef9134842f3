import { createHmac, hkdfSync } from "node:crypto";
import { UsageError } from "../../foundation/errors.ts";
import { type NamedKey, type SealedFormat, seal, unseal } from "../../foundation/sealed-stream.ts";

/** The key of an encrypted dump; its id is in the manifest. */
export type DumpKey = NamedKey;

/** Begins the id of a key that is derived from the encryption key of an index. */
export const indexKeyPrefix: string = "ragfood-";

/** How to give the key of a dump. */
export function keyHint(id: string): string {
  return id.startsWith(indexKeyPrefix)
    ? `Set ENCRYPTION_KEYS as it was when the index was exported (key ${id.slice(indexKeyPrefix.length)}).`
    : `Give the key "${id}" with --key-file.`;
}

/** First bytes of an encrypted shard: name and version of the format. */
const magic = Buffer.from("RFSHARD1");

/** @throws {UsageError} unless the key has 32 bytes and an id */
export function requireKey(key: DumpKey): void {
  if (key.bytes.length !== 32) {
    throw new UsageError(`The key of a dump must have 32 bytes; this one has ${key.bytes.length}.`, {
      hint: "openssl rand -base64 32 makes one.",
    });
  }
  if (key.id === "") throw new UsageError("The key of a dump needs an id.");
}

/** Encrypts a shard. Its name goes into its key, so that one shard cannot replace another. */
export function encryptShard(
  pieces: AsyncIterable<Uint8Array>,
  key: DumpKey,
  file: string,
): AsyncGenerator<Uint8Array> {
  return seal(pieces, key.bytes, formatOf(file));
}

/**
 * What `encryptShard` was given.
 * @throws {Error} if the bytes were not written with that key and name
 */
export function decryptShard(bytes: Uint8Array, key: DumpKey, file: string): Generator<Uint8Array> {
  return unseal(bytes, key.bytes, formatOf(file));
}

function formatOf(file: string): SealedFormat {
  return { magic, label: `ragfood dump shard ${file}` };
}

/** Includes the key: without it, a manifest cannot be forged and guesses about the content cannot be tested. */
export function keyedHash(key: DumpKey, purpose: string, content: string): string {
  const purposeKey = hkdfSync("sha256", key.bytes, "", `ragfood dump ${purpose}`, 32);
  return createHmac("sha256", Buffer.from(purposeKey)).update(content).digest("hex");
}
