import { type Group, names, optional, text, type Values } from "../variables.ts";

export interface EncryptionSettings {
  /** `undefined`: nothing is encrypted. */
  readonly encryption: EncryptionPlan | undefined;
}

/** What is encrypted before it reaches a store. */
interface EncryptionPlan {
  /** 32 bytes each, base64; the first encrypts, all decrypt. */
  readonly keys: readonly string[];
  /** Metadata fields. */
  readonly fields: readonly string[];
  /** The metadata field that is embedded in place of the text; `undefined`: texts are not encrypted. */
  readonly summaryField: string | undefined;
}

const keys = text
  .transform((value) => value.split(",").map((key) => key.trim()))
  .refine(
    (list) => list.every((key) => /^[A-Za-z0-9+/]{43}=$/.test(key)),
    "has to be keys of 32 bytes in base64 with commas between, as openssl rand -base64 32 makes them",
  )
  .refine((list) => new Set(list).size === list.length, "names a key twice");

const variables = {
  ENCRYPTION_KEYS: optional(keys),
  ENCRYPTED_FIELDS: optional(names),
  ENCRYPTED_TEXT_SUMMARY: optional(names.refine((list) => list.length === 1, "has to be one metadata field")),
};

type EncryptionValues = Values<typeof variables>;

export const encryptionGroup: Group<EncryptionSettings> = {
  variables,
  read: (values: EncryptionValues) => ({ encryption: planOf(values) }),
  faults: encryptionFaults,
};

function planOf(values: EncryptionValues): EncryptionPlan | undefined {
  if (values.ENCRYPTION_KEYS === undefined) return undefined;
  return {
    keys: values.ENCRYPTION_KEYS,
    fields: values.ENCRYPTED_FIELDS ?? [],
    summaryField: values.ENCRYPTED_TEXT_SUMMARY?.[0],
  };
}

function encryptionFaults(values: EncryptionValues): string[] {
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
