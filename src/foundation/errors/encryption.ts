import { RagfoodError, type RagfoodErrorOptions } from "./ragfood-error.ts";

export interface EncryptionErrorOptions extends RagfoodErrorOptions {
  readonly recordId?: string;
  readonly field?: string;
  /** The id of the key, never the key. */
  readonly keyId?: string;
}

abstract class EncryptedValueError extends RagfoodError {
  readonly recordId: string | undefined;
  readonly field: string | undefined;
  readonly keyId: string | undefined;

  constructor(message: string, options: EncryptionErrorOptions = {}) {
    super(message, options);
    this.recordId = options.recordId;
    this.field = options.field;
    this.keyId = options.keyId;
  }
}

/** The request is not possible with encrypted values, such as a filter on one or a text without a summary. */
export class EncryptionError extends EncryptedValueError {
  static override readonly errorName: string = "EncryptionError";
  readonly code = "encryption";
}

/** A stored value cannot be decrypted: its key is missing, or it was changed, moved or never encrypted. */
export class DecryptionError extends EncryptedValueError {
  static override readonly errorName: string = "DecryptionError";
  readonly code = "decryption";
}
