import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const sectionTypes = { dynamicSymbols: 11, versionNeeds: 0x6ffffffe, symbolVersions: 0x6fffffff } as const;
const symbolSize = 24;
const weakNeed = 0x2;
/** The index of a symbol that asks for no version. */
const unversioned = 1;
/** The C library 2.38 has new entry points for the functions that C23 changed; the plain ones remain. */
const newerPrefix = "__isoc23_";
const newerVersions = ["GLIBC_2.38", "GLIBC_2.39"];

/**
 * The file with Chroma's server for this machine, ready to be loaded by Node. If the C library is older than the file
 * requires (2.39), a patched copy in the directory for temporary files: its two functions of C23 become those of
 * before, and what remains of the newer versions is marked as not needed.
 *
 * @returns `undefined` if this platform has none
 * @throws {Error} if it cannot be loaded
 */
export function chromaBinding(): string | undefined {
  found ??= { file: findBinding() };
  return found.file;
}

let found: { readonly file: string | undefined } | undefined;

function findBinding(): string | undefined {
  const file = installedBinding();
  if (file === undefined) return undefined;
  const failure = loadingFailure(file);
  if (failure === undefined) return file;
  if (!/GLIBC_2\.3[89]/.test(failure)) throw new Error(`Chroma's server cannot be loaded: ${failure}`);
  const content = readFileSync(file);
  const digest = createHash("sha256").update(content).digest("hex").slice(0, 16);
  const copy = join(tmpdir(), `ragfood-chroma-binding-${digest}.node`);
  if (!existsSync(copy)) {
    patch(content);
    const partial = `${copy}.${process.pid}`;
    writeFileSync(partial, content);
    renameSync(partial, copy);
  }
  const copyFailure = loadingFailure(copy);
  if (copyFailure !== undefined) throw new Error(`Chroma's server cannot be loaded: ${copyFailure}`);
  return copy;
}

function installedBinding(): string | undefined {
  const require = createRequire(import.meta.url);
  const platform = { linux: "linux", darwin: "darwin", win32: "win32" }[process.platform as string];
  const suffix = { linux: "-gnu", darwin: "", win32: "-msvc" }[process.platform as string];
  try {
    return createRequire(require.resolve("chromadb")).resolve(
      `chromadb-js-bindings-${platform}-${process.arch}${suffix}`,
    );
  } catch {
    return undefined;
  }
}

/** Runs in a separate process, so that a crash of the library fails no other test. */
function loadingFailure(file: string): string | undefined {
  const { status, stderr } = spawnSync(process.execPath, ["-e", "require(process.argv[1])", file]);
  return status === 0 ? undefined : stderr.toString();
}

/** Changes an ELF file of 64 bits, little endian, in place. */
function patch(elf: Buffer): void {
  const sections = readSections(elf);
  const section = (type: number) => {
    const found = sections.find((candidate) => candidate.type === type);
    if (found === undefined) throw new Error(`Chroma's server has no section of type ${type}.`);
    return found;
  };
  const symbols = section(sectionTypes.dynamicSymbols);
  const versions = section(sectionTypes.symbolVersions);
  const names = sections[symbols.link]?.offset ?? 0;
  for (let index = 0; index * symbolSize < symbols.size; index++) {
    const place = symbols.offset + index * symbolSize;
    if (!textAt(elf, names + elf.readUInt32LE(place)).startsWith(newerPrefix)) continue;
    elf.writeUInt32LE(elf.readUInt32LE(place) + newerPrefix.length, place);
    elf.writeUInt16LE(unversioned, versions.offset + index * 2);
  }
  weaken(elf, section(sectionTypes.versionNeeds).offset, names);
}

/** Walks the libraries that are needed, and the versions needed of each. */
function weaken(elf: Buffer, start: number, names: number): void {
  for (let need = start, next = -1; next !== 0; need += next) {
    next = elf.readUInt32LE(need + 12);
    let version = need + elf.readUInt32LE(need + 8);
    for (let count = elf.readUInt16LE(need + 2); count > 0; count--) {
      if (newerVersions.includes(textAt(elf, names + elf.readUInt32LE(version + 8)))) {
        elf.writeUInt16LE(elf.readUInt16LE(version + 4) | weakNeed, version + 4);
      }
      version += elf.readUInt32LE(version + 12);
    }
  }
}

function readSections(elf: Buffer): { type: number; offset: number; size: number; link: number }[] {
  const start = Number(elf.readBigUInt64LE(0x28));
  const size = elf.readUInt16LE(0x3a);
  return Array.from({ length: elf.readUInt16LE(0x3c) }, (_, index) => {
    const place = start + index * size;
    return {
      type: elf.readUInt32LE(place + 4),
      offset: Number(elf.readBigUInt64LE(place + 24)),
      size: Number(elf.readBigUInt64LE(place + 32)),
      link: elf.readUInt32LE(place + 40),
    };
  });
}

function textAt(elf: Buffer, place: number): string {
  return elf.toString("latin1", place, elf.indexOf(0, place));
}
