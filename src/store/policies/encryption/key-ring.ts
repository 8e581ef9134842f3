import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from "node:crypto";
import { DecryptionError, SettingsError } from "../../../foundation/errors.ts";

/** Where a value belongs. It is authenticated with the value, so that a moved value is refused. */
export interface ValuePlace {
  readonly namespace: string;
  readonly recordId: string;
  readonly field: string;
}

/** `ragfood:1:<key id>:<nonce, ciphertext and tag in base64url>`. */
const sealedPattern = /^ragfood:1:([0-9a-f]{12}):([A-Za-z0-9_-]+)$/;

const algorithm = "aes-256-gcm";

/** Bytes. NIST SP 800-38D, 8.2.2: random nonces of 96 bits serve up to 2^32 values a key. */
const nonceLength = 12;
const tagLength = 16;
const keyLength = 32;

/**
 * Keys for AES-256-GCM: the first encrypts, all of them decrypt. The id of a key is the first 6 bytes of
 * its hash: keys need no names, and an id cannot mean two keys.
 */
export class KeyRing {
  /** The id of the key that encrypts. */
  readonly currentId: string;
  /** Of all keys, the current one first. */
  readonly ids: readonly string[];
  readonly #keys: ReadonlyMap<string, Uint8Array>;

  /**
   * @param keys 32 bytes each, in base64; at least one
   * @throws {SettingsError} for a key of another length, which it does not quote
   */
  constructor(keys: readonly string[]) {
    const decoded = keys.map((key) => new Uint8Array(Buffer.from(key, "base64")));
    const faults = decoded.flatMap((key, place) =>
      key.length === keyLength
        ? []
        : [`Key ${place + 1} has ${key.length} bytes; it has to have ${keyLength}.`],
    );
    if (keys.length === 0) faults.push("An encryption key is needed.");
    if (faults.length > 0) throw new SettingsError(faults);
    this.#keys = new Map(decoded.map((key) => [idOf(key), key]));
    this.ids = [...this.#keys.keys()];
    this.currentId = idOf(decoded[0] as Uint8Array);
  }

  /** A key of 32 bytes for another purpose, by HKDF-SHA-256; `undefined` if the key is not in the ring. */
  derive(keyId: string, purpose: string): Uint8Array | undefined {
    const key = this.#keys.get(keyId);
    return key && new Uint8Array(hkdfSync("sha256", key, "", `ragfood ${purpose}`, keyLength));
  }

  /** A text under the current key. */
  seal(text: string, place: ValuePlace): string {
    const nonce = randomBytes(nonceLength);
    const cipher = createCipheriv(algorithm, this.#keys.get(this.currentId) as Uint8Array, nonce);
    cipher.setAAD(associatedData(this.currentId, place));
    const sealed = Buffer.concat([nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return `ragfood:1:${this.currentId}:${sealed.toString("base64url")}`;
  }

  /** @throws {DecryptionError} if the key is missing, or the value was not sealed for this place */
  open(value: unknown, place: ValuePlace): string {
    const keyId = keyIdOf(value);
    if (keyId === undefined) throw refusal(place, "is not encrypted as it has to be", undefined);
    const key = this.#keys.get(keyId);
    if (key === undefined) {
      throw refusal(place, `is encrypted with the key ${keyId}, which is not given`, keyId, {
        hint: `Add the key with the id ${keyId} to ENCRYPTION_KEYS.`,
      });
    }
    const encoded = sealedPattern.exec(value as string)?.[2] as string;
    const bytes = Buffer.from(encoded, "base64url");
    // The last character of base64 has bits that decoding ignores.
    const isCanonical = bytes.toString("base64url") === encoded;
    try {
      if (!isCanonical || bytes.length < nonceLength + tagLength) throw new Error("cut off or not canonical");
      const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceLength), {
        authTagLength: tagLength,
      });
      decipher.setAAD(associatedData(keyId, place));
      decipher.setAuthTag(bytes.subarray(-tagLength));
      const text = decipher.update(bytes.subarray(nonceLength, -tagLength));
      return Buffer.concat([text, decipher.final()]).toString("utf8");
    } catch (error) {
      throw refusal(
        place,
        `is not what was encrypted there with the key ${keyId}: it was changed or moved`,
        keyId,
        {
          cause: error,
        },
      );
    }
  }
}

/** The key that a value is encrypted with; `undefined` for one that is not encrypted. */
export function keyIdOf(value: unknown): string | undefined {
  return typeof value === "string" ? sealedPattern.exec(value)?.[1] : undefined;
}

function idOf(key: Uint8Array): string {
  return createHash("sha256").update("ragfood key id\0").update(key).digest("hex").slice(0, 12);
}

/** JSON of a list keeps its parts apart, even if they hold separators. */
function associatedData(keyId: string, { namespace, recordId, field }: ValuePlace): Buffer {
  return Buffer.from(JSON.stringify(["ragfood:1", keyId, namespace, recordId, field]));
}

function refusal(
  { recordId, field }: ValuePlace,
  problem: string,
  keyId: string | undefined,
  details: { hint?: string; cause?: unknown } = {},
): DecryptionError {
  return new DecryptionError(`The field "${field}" of the record "${recordId}" ${problem}.`, {
    hint: "If the record was written before encryption was set up, run: ragfood encrypt",
    recordId,
    field,
    ...(keyId !== undefined && { keyId }),
    ...details,
  });
}
