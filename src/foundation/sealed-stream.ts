import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

/**
 * Encrypted files: AES-256-GCM over chunks of 64 KiB, in the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár
 * 2015): the nonce of a chunk is its number, 11 bytes, and one byte that marks the last, so that no chunk can be
 * removed, moved or cut off. Each file has its own key by HKDF-SHA-256 from the caller's key, a random salt and a
 * label; so no nonce is used twice with one key, and one file cannot replace another.
 */
export interface SealedFormat {
  /** The first bytes of a file: name and version of its format. */
  readonly magic: Uint8Array;
  /** What the file is, in the derivation of its key: for example its kind and name. */
  readonly label: string;
}

/** A key as people name it. */
export interface NamedKey {
  /** Says which key to give; never derived from the bytes. */
  readonly id: string;
  /** 32 random bytes. */
  readonly bytes: Uint8Array;
}

const saltBytes = 32;
/** Plain bytes a chunk. */
const chunkBytes = 65_536;
const tagBytes = 16;
const sealedChunkBytes = chunkBytes + tagBytes;

/** @param key 32 bytes */
export async function* seal(
  pieces: AsyncIterable<Uint8Array>,
  key: Uint8Array,
  format: SealedFormat,
): AsyncGenerator<Uint8Array> {
  const salt = randomBytes(saltBytes);
  const fileKey = deriveKey(key, salt, format.label);
  yield Buffer.concat([format.magic, salt]);
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
 * The bytes that `seal` was given, of a file in memory.
 * @throws {Error} if the file was not written with that key, format and label
 */
export function* unseal(bytes: Uint8Array, key: Uint8Array, format: SealedFormat): Generator<Uint8Array> {
  const opener = new Opener(key, format, bytes);
  for (let place = opener.headerBytes; ; place += sealedChunkBytes) {
    const isLast = place + sealedChunkBytes >= bytes.length;
    yield opener.open(bytes.subarray(place, place + sealedChunkBytes), isLast);
    if (isLast) return;
  }
}

/** As `unseal`, of a file that arrives in pieces. */
export async function* unsealStream(
  pieces: AsyncIterable<Uint8Array>,
  key: Uint8Array,
  format: SealedFormat,
): AsyncGenerator<Uint8Array> {
  let held = Buffer.alloc(0);
  let opener: Opener | undefined;
  for await (const piece of pieces) {
    held = Buffer.concat([held, piece]);
    if (opener === undefined) {
      if (held.length < format.magic.length + saltBytes) continue;
      opener = new Opener(key, format, held);
      held = held.subarray(opener.headerBytes);
    }
    while (held.length > sealedChunkBytes) {
      yield opener.open(held.subarray(0, sealedChunkBytes), false);
      held = held.subarray(sealedChunkBytes);
    }
  }
  opener ??= new Opener(key, format, held);
  yield opener.open(held, true);
}

/** Decrypts the chunks of a file in their order. */
class Opener {
  readonly headerBytes: number;
  readonly #key: Buffer;
  #number = 0;

  /** @throws {Error} if the file does not begin like one of this format */
  constructor(key: Uint8Array, { magic, label }: SealedFormat, beginning: Uint8Array) {
    this.headerBytes = magic.length + saltBytes;
    const header = beginning.subarray(0, this.headerBytes);
    if (header.length < this.headerBytes || Buffer.compare(magic, header.subarray(0, magic.length)) !== 0) {
      throw new Error("it does not begin like an encrypted file of this kind");
    }
    this.#key = deriveKey(key, header.subarray(magic.length), label);
  }

  open(sealed: Uint8Array, isLast: boolean): Buffer {
    if (sealed.length < tagBytes) throw new Error("it is cut off");
    const end = sealed.length - tagBytes;
    const nonce = nonceOf(this.#number++, isLast);
    const decipher = createDecipheriv("aes-256-gcm", this.#key, nonce, { authTagLength: tagBytes });
    decipher.setAuthTag(sealed.subarray(end));
    return Buffer.concat([decipher.update(sealed.subarray(0, end)), decipher.final()]);
  }
}

function deriveKey(key: Uint8Array, salt: Uint8Array, label: string): Buffer {
  return Buffer.from(hkdfSync("sha256", key, salt, label, 32));
}

function sealChunk(key: Buffer, number: number, isLast: boolean, plain: Uint8Array): Buffer {
  const cipher = createCipheriv("aes-256-gcm", key, nonceOf(number, isLast));
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function nonceOf(number: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(number, 5, 6);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}
