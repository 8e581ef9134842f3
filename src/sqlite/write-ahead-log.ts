import { closeSync, copyFileSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { endianness } from "node:os";

/**
 * The write-ahead log of SQLite (sqlite.org/fileformat.html, section 4), as far as it takes to see whether a
 * crash left transactions in it that SQLite does not read. SQLite stops at the first frame whose checksum is
 * wrong, and takes what follows for the rest of an older log.
 */

const headerBytes = 32;
const frameHeaderBytes = 24;
const magic = 0x37_7f_06_82;
const isHostLittleEndian = endianness() === "LE";

/** A log whose damage was found is kept under this name. */
export function keptLogOf(path: string): string {
  return `${path}-wal.damaged`;
}

/**
 * Transactions that were committed to a log, and that SQLite does not read since the log is damaged before them.
 * The last write of a process that was killed in the middle of it may be one.
 */
export function unreadTransactions(log: string): number {
  if (!existsSync(log)) return 0;
  const descriptor = openSync(log, "r");
  try {
    return countUnread(descriptor, fstatSync(descriptor).size);
  } finally {
    closeSync(descriptor);
  }
}

/** Copies a damaged log before the next write replaces it. */
export function keepDamagedLog(path: string): void {
  if (!existsSync(keptLogOf(path))) copyFileSync(`${path}-wal`, keptLogOf(path));
}

function countUnread(descriptor: number, size: number): number {
  if (size <= headerBytes) return 0;
  const header = Buffer.alloc(headerBytes);
  readSync(descriptor, header, 0, headerBytes, 0);
  const pageSize = header.readUInt32BE(8);
  const isLittleEndian = (header.readUInt32BE(0) & 1) === 0;
  let sum: Checksum = checksumOf([0, 0], header.subarray(0, 24), isLittleEndian);
  const isPage = pageSize >= 512 && pageSize <= 65_536 && (pageSize & (pageSize - 1)) === 0;
  const isHeader = header.readUInt32BE(0) - (isLittleEndian ? 0 : 1) === magic && isPage;
  let isRead = isHeader && isSum(sum, header, 24);
  // A log that was never used, or whose beginning was erased.
  if (!isPage) return header.every((byte) => byte === 0) ? 0 : 1;
  const frame = Buffer.alloc(frameHeaderBytes + pageSize);
  let unread = 0;
  let salts: Buffer | undefined = isRead ? Buffer.from(header.subarray(16, 24)) : undefined;
  for (let place = headerBytes; place + frame.length <= size; place += frame.length) {
    readSync(descriptor, frame, 0, frame.length, place);
    // Frames of an older log have other salts. Without a header, those of the first frame are taken.
    salts ??= Buffer.from(frame.subarray(8, 16));
    const isOfThisLog = frame.subarray(8, 16).equals(salts);
    if (isRead) {
      if (isOfThisLog) {
        sum = checksumOf(sum, frame.subarray(0, 8), isLittleEndian);
        sum = checksumOf(sum, frame.subarray(frameHeaderBytes), isLittleEndian);
      }
      isRead = isOfThisLog && isSum(sum, frame, 16);
    }
    const isCommit = frame.readUInt32BE(4) > 0;
    if (!isRead && isOfThisLog && isCommit) unread++;
  }
  return unread;
}

type Checksum = readonly [number, number];

function checksumOf([first, second]: Checksum, bytes: Buffer, isLittleEndian: boolean): Checksum {
  const ordered = isLittleEndian === isHostLittleEndian ? bytes : Buffer.from(bytes).swap32();
  const words = new Int32Array(ordered.buffer, ordered.byteOffset, ordered.length / 4);
  let [s0, s1] = [first, second];
  for (let place = 0; place < words.length; place += 2) {
    s0 = (s0 + (words[place] as number) + s1) | 0;
    s1 = (s1 + (words[place + 1] as number) + s0) | 0;
  }
  return [s0, s1];
}

function isSum([s0, s1]: Checksum, bytes: Buffer, place: number): boolean {
  return bytes.readInt32BE(place) === s0 && bytes.readInt32BE(place + 4) === s1;
}
