import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDraftDirectory } from "../../foundation/draft-directory.ts";
import type { DataError } from "../../foundation/errors.ts";
import { fileFailure } from "../../foundation/file-failure.ts";
import type { DumpKey } from "./encryption.ts";
import { damaged } from "./faults.ts";
import { type Manifest, manifestFile, parseManifest } from "./manifest.ts";

const maximumManifestBytes = 64 * 2 ** 20;

/**
 * Reads the manifest of a dump.
 * @throws {DataError} if the directory is not a dump, or its manifest is damaged or of a later version
 * @throws {StorageError} if it cannot be read
 */
export function openDump(directory: string, key?: DumpKey): Manifest {
  const path = join(directory, manifestFile);
  if (isDraftDirectory(directory)) {
    throw damaged(directory, "it is what an unfinished export left", {
      hint: "Remove it and export again.",
    });
  }
  const found = statItself(directory, path);
  if (found === undefined) {
    throw damaged(path, "it does not exist, so this is not a dump", {
      hint: "Name the directory of a dump: it holds manifest.json and its shards.",
    });
  }
  if (!found.isFile()) throw damaged(path, "it is not a regular file");
  if (found.size > maximumManifestBytes)
    throw damaged(path, `it is longer than ${maximumManifestBytes} bytes`);
  const bytes = readText(path);
  const text = bytes.toString();
  if (!Buffer.from(text).equals(bytes)) throw damaged(path, "it is not UTF-8");
  return parseManifest(text, path, key);
}

/** Faults of the list of shards, without reading the shards. */
export function listingFaults(directory: string, manifest: Manifest): DataError[] {
  const faults: DataError[] = [];
  const path = join(directory, manifestFile);
  const known = new Set([manifestFile]);
  for (const { file } of manifest.shards) {
    if (known.has(file)) faults.push(damaged(path, `the shard ${file} is named twice`));
    known.add(file);
  }
  for (const name of readdirSync(directory)) {
    if (known.has(name)) continue;
    faults.push(
      damaged(join(directory, name), "the manifest does not name this file", {
        hint: "Move it away: a dump holds only its manifest and its shards.",
      }),
    );
  }
  return [...faults, ...sumFaults(path, manifest)];
}

function sumFaults(path: string, { shards, ...manifest }: Manifest): DataError[] {
  return (["recordCount", "byteCount"] as const).flatMap((name) => {
    const sum = shards.reduce((total, shard) => total + shard[name], 0);
    return sum === manifest[name]
      ? []
      : [damaged(path, `${name} is ${manifest[name]}; its shards sum to ${sum}`)];
  });
}

function statItself(directory: string, path: string) {
  try {
    readdirSync(directory);
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw fileFailure(directory, "cannot be read", error);
  }
}

function readText(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw fileFailure(path, "cannot be read", error);
  }
}
