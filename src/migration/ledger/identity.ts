import { dirname } from "node:path";
import { z } from "zod";
import { quoted } from "../../foundation/quoted.ts";
import type { Embedding } from "../target.ts";
import { damaged } from "./failures.ts";
import { LedgerError } from "./ledger-error.ts";

/** What a migration moves, and where to. No part may hold a secret, because the ledger stores it unchanged. */
export interface MigrationIdentity {
  /** The address of the source: `chroma_db/ foods`. */
  readonly source: string;
  /** The address of the target: the URL of the index without its token, or the path of an embedded index. */
  readonly target: string;
  readonly namespace: string;
  readonly embedding: Embedding;
  /** How records are changed on the way; `""` if they are not. */
  readonly template: string;
}

const parts: readonly (keyof MigrationIdentity)[] = [
  "source",
  "target",
  "namespace",
  "embedding",
  "template",
];

const identitySchema: z.ZodType<MigrationIdentity> = z.object({
  source: z.string(),
  target: z.string(),
  namespace: z.string(),
  embedding: z.enum(["carried", "target"]),
  template: z.string(),
});

/** @throws {LedgerError} `identity`; the message names every part that differs */
export function requireSameIdentity(
  stored: MigrationIdentity,
  wanted: MigrationIdentity,
  path: string,
): void {
  const differences = parts.filter((part) => stored[part] !== wanted[part]);
  if (differences.length === 0) return;
  const described = differences.map((part) => `${part} ${quoted(stored[part])}, not ${quoted(wanted[part])}`);
  throw new LedgerError("identity", path, `The migration of ${path} has ${described.join("; ")}.`, {
    hint: `Give the new migration another name, or remove the directory ${dirname(path)} to start this one over.`,
  });
}

/** @throws {LedgerError} `damaged` */
export function parseIdentity(text: string, path: string): MigrationIdentity {
  try {
    return identitySchema.parse(JSON.parse(text));
  } catch (error) {
    throw damaged(path, "the identity of the migration cannot be read", error);
  }
}
