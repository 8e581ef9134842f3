import { createReadStream } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { DataError } from "../../foundation/errors.ts";
import { allowlistName, readAllowlist } from "./allowlist.ts";
import { type ContentFinding, scanContent } from "./content.ts";
import { type GitObject, listFiles, openRepository, originsOf, type Repository, readHistory } from "./git.ts";

/** A secret and its location. */
export interface SecretFinding extends ContentFinding {
  /** Relative to the root of the repository, or to the scanned directory if there is no repository. */
  readonly file: string;
  /** The commit that introduced it; missing for files in the working directory. */
  readonly commit?: string;
}

export interface SecretScan {
  readonly findings: readonly SecretFinding[];
  /** What was not scanned and why, one sentence each. */
  readonly notices: readonly string[];
  readonly files: number;
  /** Contents, commits and tags of the history; 0 if the history was not scanned. */
  readonly objects: number;
}

export interface ScanOptions {
  /** A directory, or one file. */
  readonly path: string;
  readonly history: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Skipped without git, which would know what is ignored: generated files, and files meant to hold secrets. */
const skippedNames = new Set([".git", "node_modules", "dist", "coverage", ".ragfood", ".env"]);

/**
 * Scans the files of a directory and the whole history of its repository for secrets (SEC-1).
 *
 * @throws {DataError} if the path or `.secretsignore` cannot be read, or git fails midway
 */
export async function scanSecrets(options: ScanOptions): Promise<SecretScan> {
  const path = resolve(options.path);
  const isDirectory = (await statusOf(path)).isDirectory();
  const directory = isDirectory ? path : dirname(path);
  const repository = await openRepository(directory);
  const root = typeof repository === "string" ? directory : repository.root;
  const allowed = readAllowlist(root);
  const used = new Set<string>();
  const findings: SecretFinding[] = [];
  const notices: string[] = [];
  const keep = (finding: SecretFinding) => {
    if (allowed.has(finding.fingerprint)) used.add(finding.fingerprint);
    else findings.push(finding);
  };
  const files = isDirectory ? await filesOf(directory, repository, notices) : [path];
  for (const file of files) {
    options.signal?.throwIfAborted();
    for await (const found of scanFile(file)) keep({ file: relative(root, file), ...found });
  }
  let objects = 0;
  if (typeof repository !== "string" && options.history) {
    if (repository.isShallow) {
      notices.push(
        "The clone is shallow: what came before it was not scanned. git fetch --unshallow gets it.",
      );
    }
    const found: { object: GitObject; finding: ContentFinding }[] = [];
    for await (const object of historyOf(repository)) {
      options.signal?.throwIfAborted();
      objects++;
      for await (const finding of scanContent(object.content)) found.push({ object, finding });
    }
    for (const finding of await withOrigins(repository, found)) keep(finding);
    const idle = [...allowed.keys()].filter((fingerprint) => !used.has(fingerprint));
    if (idle.length > 0) notices.push(`${allowlistName} allows what is not there: ${idle.join(", ")}.`);
  }
  if (typeof repository === "string") notices.push(`The history was not scanned: ${repository}.`);
  return { findings, notices, files: files.length, objects };
}

async function statusOf(path: string): Promise<{ isDirectory(): boolean }> {
  try {
    return await lstat(path);
  } catch (error) {
    throw new DataError(path, `${path} cannot be read: ${(error as Error).message}`, {
      cause: error,
      hint: "Check that it exists and may be read.",
    });
  }
}

/** Absolute paths. */
async function filesOf(
  directory: string,
  repository: Repository | string,
  notices: string[],
): Promise<string[]> {
  if (typeof repository !== "string")
    return (await listFiles(directory)).map((file) => join(directory, file));
  notices.push(`Without git, what is ignored is not known: ${[...skippedNames].join(", ")} were left out.`);
  const files: string[] = [];
  for (const directories = [directory]; directories.length > 0; ) {
    const current = directories.pop() as string;
    for (const entry of await readdir(current, { withFileTypes: true })) {
      if (skippedNames.has(entry.name)) continue;
      if (entry.isDirectory()) directories.push(join(current, entry.name));
      else if (entry.isFile()) files.push(join(current, entry.name));
    }
  }
  return files.sort();
}

/** Yields nothing if the file is a link, a directory (a nested repository), or no longer exists. */
async function* scanFile(file: string): AsyncGenerator<ContentFinding> {
  const status = await lstat(file).catch(() => undefined);
  if (!status?.isFile()) return;
  try {
    yield* scanContent(createReadStream(file, { highWaterMark: 1024 * 1024 }));
  } catch (error) {
    throw new DataError(file, `${file} cannot be read: ${(error as Error).message}`, {
      cause: error,
      hint: "Check that it exists and may be read.",
    });
  }
}

async function* historyOf(repository: Repository): AsyncGenerator<GitObject> {
  try {
    yield* readHistory(repository);
  } catch (error) {
    throw new DataError(repository.root, `The history cannot be read: ${(error as Error).message}`, {
      cause: error,
      hint: "git fsck says more; --no-history scans the files alone.",
    });
  }
}

async function withOrigins(
  repository: Repository,
  found: readonly { object: GitObject; finding: ContentFinding }[],
): Promise<SecretFinding[]> {
  const blobs = found.filter(({ object }) => object.type === "blob").map(({ object }) => object.id);
  const origins = await originsOf(repository, [...new Set(blobs)]);
  return found.map(({ object: { id, type, path }, finding }) => {
    if (type !== "blob") return { file: `(${type} message)`, commit: id, ...finding };
    const origin = origins.get(id);
    return { file: origin?.path ?? path, commit: origin?.commit ?? "(staged)", ...finding };
  });
}
