import type { z } from "zod";
import { names, optional, text, type Variables } from "../variables.ts";

/** What is encrypted before it reaches a store. */
export interface EncryptionSettings {
  /** 32 bytes each, base64; the first encrypts, all decrypt. */
  readonly keys: readonly string[];
  /** Metadata fields. */
  readonly fields: readonly string[];
  /** The metadata field that is embedded in place of the text; `undefined`: texts are not encrypted. */
  readonly summaryField: string | undefined;
}

export interface EncryptionVariables {
  readonly ENCRYPTION_KEYS?: string[] | undefined;
  readonly ENCRYPTED_FIELDS?: string[] | undefined;
  /** One name. */
  readonly ENCRYPTED_TEXT_SUMMARY?: string[] | undefined;
}

const keys: z.ZodType<string[]> = text
  .transform((value) => value.split(",").map((key) => key.trim()))
  .refine(
    (list) => list.every((key) => /^[A-Za-z0-9+/]{43}=$/.test(key)),
    "has to be keys of 32 bytes in base64 with commas between, as openssl rand -base64 32 makes them",
  )
  .refine((list) => new Set(list).size === list.length, "names a key twice");

export const encryptionVariables: Variables<EncryptionVariables> = {
  ENCRYPTION_KEYS: optional(keys),
  ENCRYPTED_FIELDS: optional(names),
  ENCRYPTED_TEXT_SUMMARY: optional(names.refine((list) => list.length === 1, "has to be one metadata field")),
};

export function encryptionOf(values: EncryptionVariables): EncryptionSettings | undefined {
  if (values.ENCRYPTION_KEYS === undefined) return undefined;
  return {
    keys: values.ENCRYPTION_KEYS,
    fields: values.ENCRYPTED_FIELDS ?? [],
    summaryField: values.ENCRYPTED_TEXT_SUMMARY?.[0],
  };
}

export function encryptionFaults(values: EncryptionVariables): string[] {
  const { ENCRYPTION_KEYS: given, ENCRYPTED_FIELDS: fields = [], ENCRYPTED_TEXT_SUMMARY: summary } = values;
  const isAsked = fields.length > 0 || summary !== undefined;
  if (isAsked && given === undefined)
    return ["ENCRYPTION_KEYS is missing: ENCRYPTED_FIELDS or ENCRYPTED_TEXT_SUMMARY needs it"];
  if (!isAsked && given !== undefined)
    return [
      "ENCRYPTED_FIELDS and ENCRYPTED_TEXT_SUMMARY are missing: ENCRYPTION_KEYS is set, and nothing to encrypt is named",
    ];
  if (summary !== undefined && fields.includes(summary[0] as string))
    return ["ENCRYPTED_FIELDS must not name the field of ENCRYPTED_TEXT_SUMMARY, which has to be searchable"];
  return [];
}
