import { EncryptionError } from "../../../foundation/errors.ts";
import { parseJson, stringifyJson } from "../../../foundation/exact-json/index.ts";
import type { Metadata, StoreRecord } from "../../document.ts";
import type { Filter } from "../../filter.ts";
import { upstashRecordLimits } from "../../upstash-limits.ts";
import { type KeyRing, keyIdOf } from "./key-ring.ts";

export interface EncryptionOptions {
  readonly keys: KeyRing;
  /** Metadata fields whose values are encrypted, each as a whole. */
  readonly fields: readonly string[];
  /**
   * Also encrypts texts: names the metadata field that is stored and searched instead of the text. Not set: texts
   * are not encrypted.
   */
  readonly summaryField?: string | undefined;
}

/** The metadata field that holds an encrypted text. */
export const encryptedTextField = "encrypted_text";

const maximumMetadataBytes = upstashRecordLimits.metadataBytes;

/** Translates records between their stored form and the form that readers see. */
export class RecordCipher {
  readonly summaryField: string | undefined;
  readonly #keys: KeyRing;
  readonly #fields: ReadonlySet<string>;

  constructor({ keys, fields, summaryField }: EncryptionOptions) {
    this.#keys = keys;
    this.#fields = new Set(fields);
    this.summaryField = summaryField;
  }

  isEncrypted(field: string): boolean {
    return this.#fields.has(field);
  }

  /**
   * A record in its stored form: the summary as its text, its fields encrypted.
   * @throws {EncryptionError} if the summary is missing, or the metadata grows past 48 KB
   */
  seal<R extends StoreRecord>(record: R, namespace: string): R {
    const { id, text, metadata } = record;
    if (metadata === undefined && text === undefined) return record;
    const sealed = this.sealMetadata(metadata ?? {}, id, namespace);
    if (this.summaryField === undefined) return { ...record, ...(metadata && { metadata: sealed }) };
    if (text === undefined) return { ...record, metadata: sealed };
    const whole = { ...sealed, [encryptedTextField]: this.sealText(text, id, namespace) };
    requireRoom(whole, id);
    return { ...record, text: this.summaryOf(metadata, id), metadata: whole };
  }

  /** @throws {EncryptionError} if the metadata grows past 48 KB, or uses the field name reserved for texts */
  sealMetadata(metadata: Metadata, recordId: string, namespace: string): Metadata {
    if (this.summaryField !== undefined && Object.hasOwn(metadata, encryptedTextField)) {
      throw new EncryptionError(
        `The record "${recordId}" has a field "${encryptedTextField}", which is where its encrypted text is kept.`,
        {
          recordId,
          field: encryptedTextField,
          hint: "Give the field another name.",
        },
      );
    }
    const sealed = { ...metadata };
    for (const field of this.#fields) {
      const value = Object.hasOwn(metadata, field) ? metadata[field] : undefined;
      if (value !== undefined) {
        sealed[field] = this.#keys.seal(stringifyJson(value), { namespace, recordId, field });
      }
    }
    requireRoom(sealed, recordId);
    return sealed;
  }

  /** @throws {EncryptionError} for a text that would not be the same once it is decrypted */
  sealText(text: string, recordId: string, namespace: string): string {
    if (/\p{Surrogate}/u.test(text)) {
      throw new EncryptionError(`The text of the record "${recordId}" holds half of a surrogate pair.`, {
        recordId,
        hint: "It was cut inside a character; store it whole.",
      });
    }
    return this.#keys.seal(text, { namespace, recordId, field: encryptedTextField });
  }

  /** @throws {EncryptionError} if the record has no summary: no query could find its text */
  summaryOf(metadata: Metadata | undefined, recordId: string): string {
    const field = this.summaryField as string;
    const summary = metadata && Object.hasOwn(metadata, field) ? metadata[field] : undefined;
    if (typeof summary === "string" && summary.trim() !== "") return summary;
    throw new EncryptionError(
      `The record "${recordId}" has no summary to be found by: its text is encrypted.`,
      {
        recordId,
        field,
        hint: `Give each record a text in the metadata field "${field}", also when its text or all its metadata is changed.`,
      },
    );
  }

  /** A stored record with its plain values. @throws {DecryptionError} */
  open<R extends StoreRecord>(record: R, namespace: string): R {
    const { id, text, metadata } = record;
    const plain = metadata && { ...metadata };
    for (const field of this.#fields) {
      if (plain && Object.hasOwn(plain, field))
        plain[field] = this.openField(plain[field], id, namespace, field);
    }
    const opened = { ...record, ...(plain && { metadata: plain }) };
    if (this.summaryField === undefined) return opened;
    const sealedText = metadata?.[encryptedTextField];
    // A record without text has nothing to open; one with a text that is not encrypted is refused.
    if (sealedText === undefined && text === undefined) return opened;
    const place = { namespace, recordId: id, field: encryptedTextField };
    delete plain?.[encryptedTextField];
    return { ...opened, text: this.#keys.open(sealedText, place) };
  }

  /** @throws {DecryptionError} */
  openField(value: unknown, recordId: string, namespace: string, field: string): unknown {
    return parseJson(this.#keys.open(value, { namespace, recordId, field }));
  }

  /**
   * The parts of a stored record that have to be written so that all of it is encrypted with the current key;
   * `undefined` if it is already.
   *
   * @throws {DecryptionError} if an older key is missing
   * @throws {EncryptionError} if a text that is not encrypted yet has no summary
   */
  renewal(record: StoreRecord, namespace: string): { text?: string; metadata: Metadata } | undefined {
    const { id, text, metadata = {} } = record;
    const renewed: Record<string, unknown> = {};
    for (const field of this.#fields) {
      if (!Object.hasOwn(metadata, field) || this.#isCurrent(metadata[field])) continue;
      const value = metadata[field];
      const plain = keyIdOf(value) === undefined ? value : this.openField(value, id, namespace, field);
      renewed[field] = this.#keys.seal(stringifyJson(plain), { namespace, recordId: id, field });
    }
    let summary: string | undefined;
    const sealedText = metadata[encryptedTextField];
    if (this.summaryField !== undefined && !this.#isCurrent(sealedText)) {
      const place = { namespace, recordId: id, field: encryptedTextField };
      if (sealedText !== undefined) {
        renewed[encryptedTextField] = this.sealText(this.#keys.open(sealedText, place), id, namespace);
      } else if (text !== undefined) {
        summary = this.summaryOf(metadata, id);
        renewed[encryptedTextField] = this.sealText(text, id, namespace);
      }
    }
    if (Object.keys(renewed).length === 0) return undefined;
    requireRoom({ ...metadata, ...renewed }, id);
    return { ...(summary !== undefined && { text: summary }), metadata: renewed };
  }

  #isCurrent(value: unknown): boolean {
    return keyIdOf(value) === this.#keys.currentId;
  }

  /** @throws {EncryptionError} for a filter over an encrypted field: it would compare with the ciphertext */
  requireSearchable(filter: Filter | undefined): void {
    if (filter === undefined) return;
    if ("operands" in filter) {
      for (const operand of filter.operands) this.requireSearchable(operand);
      return;
    }
    const field = filter.field.split(/[.[]/, 1)[0] as string;
    const isKept = this.summaryField !== undefined && field === encryptedTextField;
    if (!this.#fields.has(field) && !isKept) return;
    throw new EncryptionError(`The field "${field}" is encrypted: no filter can look into it.`, {
      field,
      hint: "Filter on another field, or take this one out of ENCRYPTED_FIELDS and ingest again.",
    });
  }
}

function requireRoom(metadata: Metadata, recordId: string): void {
  const bytes = Buffer.byteLength(stringifyJson(metadata));
  if (bytes <= maximumMetadataBytes) return;
  throw new EncryptionError(
    `The metadata of the record "${recordId}" has ${bytes} bytes once it is encrypted; an index takes ${maximumMetadataBytes}.`,
    { recordId, hint: "Encryption makes a value a third longer, and 70 bytes. Shorten it, or encrypt less." },
  );
}
