import { createHash } from "node:crypto";
import { z } from "zod";
import type { SourceDescription, SourceKind } from "../source.ts";
import { type DumpKey, keyedHash, keyHint } from "./encryption.ts";
import { damaged } from "./faults.ts";

/** A change that an older reader would misread takes the next number. */
const formatVersion = 1;

export const manifestFile = "manifest.json";

export type ShardFormat = "jsonl" | "parquet";

export interface ShardEntry {
  /** A name made by `shardFile`: never a path. */
  readonly file: string;
  readonly recordCount: number;
  /** Size of the file, bytes. */
  readonly byteCount: number;
  /** Bytes of the lines of JSON, or of the Parquet file, before compression and encryption. */
  readonly contentByteCount: number;
  /** SHA-256 of the file. */
  readonly sha256: string;
  /** SHA-256 over the content hashes of its records, in their order; of an encrypted dump, HMAC of that. */
  readonly contentHash: string;
}

/** The description of a dump; docs/dump-format.md explains each field. */
export interface Manifest {
  readonly format: "ragfood-dump";
  readonly formatVersion: number;
  readonly ragfoodVersion: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly shardFormat: ShardFormat;
  readonly source: { readonly kind: SourceKind; readonly name: string; readonly collection: string };
  readonly embeddingModel: string | null;
  readonly dimension: number;
  readonly similarityFunction: NonNullable<SourceDescription["similarityFunction"]> | null;
  readonly encryption: {
    readonly algorithm: "AES-256-GCM-STREAM";
    readonly keyId: string;
    /** HMAC-SHA-256 of the manifest under the key. */
    readonly authentication: string;
  } | null;
  readonly recordCount: number;
  readonly vectorCount: number;
  readonly sparseVectorCount: number;
  /** Of all shards, bytes. */
  readonly byteCount: number;
  /** ContentSum of all records (../content-hash.ts); of an encrypted dump, HMAC of it. */
  readonly contentHash: string;
  readonly shards: readonly ShardEntry[];
  /** SHA-256 of this text with `""` in the place of this value. */
  readonly checksum: string;
}

const hash = z.string().regex(/^[0-9a-f]{64}$/, "a hash is 64 hexadecimal digits");
const count = z.int().min(0);

const shardSchema = z.strictObject({
  file: z
    .string()
    .regex(/^records-\d{5,}\.(jsonl\.gz|parquet)(\.enc)?$/, "not the name of a shard; it is never a path"),
  recordCount: count,
  byteCount: count,
  contentByteCount: count,
  sha256: hash,
  contentHash: hash,
});

const manifestSchema: z.ZodType<Manifest> = z.strictObject({
  format: z.literal("ragfood-dump"),
  formatVersion: z.literal(formatVersion),
  ragfoodVersion: z.string(),
  createdAt: z.iso.datetime(),
  shardFormat: z.enum(["jsonl", "parquet"]),
  source: z.strictObject({
    kind: z.enum(["chroma-directory", "chroma-server", "dump", "upstash", "embedded"]),
    name: z.string(),
    collection: z.string(),
  }),
  embeddingModel: z.string().nullable(),
  dimension: count,
  similarityFunction: z.enum(["COSINE", "EUCLIDEAN", "DOT_PRODUCT"]).nullable(),
  encryption: z
    .strictObject({
      algorithm: z.literal("AES-256-GCM-STREAM"),
      keyId: z.string().min(1),
      authentication: hash,
    })
    .nullable(),
  recordCount: count,
  vectorCount: count,
  sparseVectorCount: count,
  byteCount: count,
  contentHash: hash,
  shards: z.array(shardSchema),
  checksum: hash,
});

/** The manifest before it is sealed. */
export type ManifestContent = Omit<Manifest, "format" | "formatVersion" | "checksum" | "encryption">;

/** @param number from 1 */
export function shardFile(number: number, format: ShardFormat, isEncrypted: boolean): string {
  const extension = format === "jsonl" ? "jsonl.gz" : "parquet";
  return `records-${String(number).padStart(5, "0")}.${extension}${isEncrypted ? ".enc" : ""}`;
}

/** The text of the manifest, with its checksum and, under a key, its authentication. */
export function sealManifest(content: ManifestContent, key?: DumpKey): { manifest: Manifest; text: string } {
  const { shards, ...facts } = content;
  const draft = (authentication: string, checksum: string): Manifest => ({
    format: "ragfood-dump",
    formatVersion,
    ...facts,
    encryption: key ? { algorithm: "AES-256-GCM-STREAM", keyId: key.id, authentication } : null,
    shards,
    checksum,
  });
  const authentication = key ? keyedHash(key, "manifest", render(draft("", ""))) : "";
  const checksum = sha256(render(draft(authentication, "")));
  const manifest = draft(authentication, checksum);
  return { manifest, text: render(manifest) };
}

/**
 * @param file as errors name it
 * @throws {DataError} if it is of a later version, damaged or edited, or not a manifest; with a key also
 * if it was not made with that key, or is not encrypted
 */
export function parseManifest(text: string, file: string, key?: DumpKey): Manifest {
  const manifest = readFields(text, file);
  const { checksum, encryption } = manifest;
  // The text is compared too: parts that the fields do not show must not have changed either.
  const isIntact = render(manifest) === text && sha256(render({ ...manifest, checksum: "" })) === checksum;
  if (!isIntact) throw damaged(file, "its checksum does not match: it was changed after it was written");
  if (key === undefined) return manifest;
  if (encryption === null) {
    // Otherwise a plain dump could replace an encrypted one.
    throw damaged(file, `a key was given ("${key.id}") and the dump is not encrypted`, {
      hint: "If it should be encrypted, it is not the dump that was written; otherwise omit the key.",
    });
  }
  if (key.id !== encryption.keyId) throw otherKey(file, encryption.keyId, `the key given is "${key.id}"`);
  const unsigned = { ...manifest, checksum: "", encryption: { ...encryption, authentication: "" } };
  if (keyedHash(key, "manifest", render(unsigned)) !== encryption.authentication) {
    throw otherKey(file, encryption.keyId, "another key was given, or the manifest was forged");
  }
  return manifest;
}

function readFields(text: string, file: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw damaged(file, `it is not JSON: ${(cause as Error).message}`, { cause });
  }
  const version = (value as { formatVersion?: unknown } | null)?.formatVersion;
  if (typeof version === "number" && version > formatVersion) {
    throw damaged(file, `the dump is of format version ${version}; this ragfood reads ${formatVersion}`, {
      hint: "Read it with the ragfood that wrote it, or a later one.",
    });
  }
  const parsed = manifestSchema.safeParse(value);
  // In the order of the text, which the checksum includes; the schema has another order.
  if (parsed.success) return value as Manifest;
  const issue = parsed.error.issues[0];
  throw damaged(file, `it is not a manifest: ${issue?.path.join(".") || "the whole"}: ${issue?.message}`);
}

function otherKey(file: string, keyId: string, problem: string) {
  return damaged(file, `the dump is encrypted with the key "${keyId}"; ${problem}`, {
    hint: keyHint(keyId),
  });
}

function render(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
