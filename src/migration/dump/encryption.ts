import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { UsageError } from "../../foundation/errors.ts";

/** The key of an encrypted dump. */
export interface DumpKey {
  /** As the manifest names it, so that a reader knows which key to give; never derived from the key bytes. */
  readonly id: string;
  /** 32 random bytes. */
  readonly bytes: Uint8Array;
}

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
const saltBytes = 32;
const headerBytes = magic.length + saltBytes;
/** Plain bytes a chunk. */
const chunkBytes = 65_536;
const tagBytes = 16;

/** @throws {UsageError} unless the key has 32 bytes and an id */
export function requireKey(key: DumpKey): void {
  if (key.bytes.length !== 32) {
    throw new UsageError(`The key of a dump must have 32 bytes; this one has ${key.bytes.length}.`, {
      hint: "openssl rand -base64 32 makes one.",
    });
  }
  if (key.id === "") throw new UsageError("The key of a dump needs an id.");
}

/**
 * Encrypts a shard: AES-256-GCM over chunks of 64 KiB, in the STREAM construction (Hoang, Reyhanitabar,
 * Rogaway, Vizár 2015): the nonce of a chunk is its number, 11 bytes, and one byte that marks the last, so
 * that no chunk can be removed, moved or cut off. Each file has its own key by HKDF-SHA-256
 * from the caller's key, a random salt and the name of the file; so no nonce is used twice with one key, and one
 * shard cannot replace another.
 */
export async function* encryptShard(
  pieces: AsyncIterable<Uint8Array>,
  key: DumpKey,
  file: string,
): AsyncGenerator<Uint8Array> {
  const header = Buffer.concat([magic, randomBytes(saltBytes)]);
  const fileKey = deriveKey(key, header, file);
  yield header;
  let held = Buffer.alloc(0);
  let number = 0;
  for await (const piece of pieces) {
    held = Buffer.concat([held, piece]);
    // A full chunk waits for more: the last one is marked.
    while (held.length > chunkBytes) {
      yield sealChunk(fileKey, number++, false, held.subarray(0, chunkBytes));
      held = held.subarray(chunkBytes);
    }
  }
  yield sealChunk(fileKey, number, true, held);
}

/**
 * What `encryptShard` was given.
 * @throws {Error} if the bytes were not written with that key and name
 */
export function* decryptShard(bytes: Uint8Array, key: DumpKey, file: string): Generator<Uint8Array> {
  const header = bytes.subarray(0, headerBytes);
  if (header.length < headerBytes || magic.compare(header, 0, magic.length) !== 0) {
    throw new Error("it does not begin like an encrypted shard");
  }
  const fileKey = deriveKey(key, header, file);
  let place = headerBytes;
  for (let number = 0; ; number++) {
    const end = Math.min(bytes.length, place + chunkBytes + tagBytes);
    const isLast = end === bytes.length;
    yield openChunk(fileKey, number, isLast, bytes.subarray(place, end));
    if (isLast) return;
    place = end;
  }
}

/** Includes the key: without it, a manifest cannot be forged and guesses about the content cannot be tested. */
export function keyedHash(key: DumpKey, purpose: string, content: string): string {
  const purposeKey = hkdfSync("sha256", key.bytes, "", `ragfood dump ${purpose}`, 32);
  return createHmac("sha256", Buffer.from(purposeKey)).update(content).digest("hex");
}

function deriveKey(key: DumpKey, header: Uint8Array, file: string): Buffer {
  return Buffer.from(
    hkdfSync("sha256", key.bytes, header.subarray(magic.length), `ragfood dump shard ${file}`, 32),
  );
}

function sealChunk(key: Buffer, number: number, isLast: boolean, plain: Uint8Array): Buffer {
  const cipher = createCipheriv("aes-256-gcm", key, nonceOf(number, isLast));
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function openChunk(key: Buffer, number: number, isLast: boolean, sealed: Uint8Array): Buffer {
  if (sealed.length < tagBytes) throw new Error("it is cut off");
  const end = sealed.length - tagBytes;
  const decipher = createDecipheriv("aes-256-gcm", key, nonceOf(number, isLast), { authTagLength: tagBytes });
  decipher.setAuthTag(sealed.subarray(end));
  return Buffer.concat([decipher.update(sealed.subarray(0, end)), decipher.final()]);
}

function nonceOf(number: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(number, 5, 6);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}
