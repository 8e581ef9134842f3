/** The part of the tar format (POSIX.1-2001, pax) that backups need: regular files and directories. */

export const blockBytes = 512;

/** What 11 octal digits hold; more takes an extended header. */
const maximumOctal = 8 ** 11 - 1;
const maximumNameBytes = 100;

export interface TarEntry {
  /** Relative, with `/`; of a directory without one at the end. */
  readonly path: string;
  readonly type: "file" | "directory";
  /** Bytes; 0 for a directory. */
  readonly size: number;
  /** Seconds since 1970. */
  readonly modified: number;
}

/** The blocks before the content of an entry. */
export function tarHeader(entry: TarEntry): Buffer {
  const name = entry.type === "directory" ? `${entry.path}/` : entry.path;
  const isPlain = Buffer.byteLength(name) <= maximumNameBytes && /^[\x20-\x7e]*$/.test(name);
  const extended: string[] = [];
  if (!isPlain) extended.push(paxRecord("path", name));
  if (entry.size > maximumOctal) extended.push(paxRecord("size", `${entry.size}`));
  const type = entry.type === "directory" ? "5" : "0";
  const own = header(isPlain ? name : "long-name", Math.min(entry.size, maximumOctal), entry.modified, type);
  if (extended.length === 0) return own;
  const content = Buffer.from(extended.join(""));
  return Buffer.concat([
    header("pax-header", content.length, entry.modified, "x"),
    content,
    Buffer.alloc(padding(content.length)),
    own,
  ]);
}

/** Zero bytes after content of this size, up to the next block. */
export function padding(size: number): number {
  return (blockBytes - (size % blockBytes)) % blockBytes;
}

/** The two empty blocks that end an archive. */
export const tarEnd: Uint8Array = new Uint8Array(2 * blockBytes);

function header(name: string, size: number, modified: number, type: string): Buffer {
  const block = Buffer.alloc(blockBytes);
  block.write(name, 0, maximumNameBytes);
  block.write(octal(type === "5" ? 0o755 : 0o644, 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(size, 12), 124);
  block.write(octal(modified, 12), 136);
  block.write(" ".repeat(8), 148);
  block.write(type, 156);
  block.write("ustar\0" + "00", 257);
  block.write(`${octal(checksum(block), 7)} `, 148);
  return block;
}

function octal(value: number, width: number): string {
  return `${Math.floor(value)
    .toString(8)
    .padStart(width - 1, "0")}\0`;
}

function checksum(block: Uint8Array): number {
  return block.reduce((sum, byte) => sum + byte, 0);
}

/** `<length> <key>=<value>\n`, where the length counts itself. */
function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + `${rest}`.length;
  length = rest + `${length}`.length;
  return `${length} ${key}=${value}\n`;
}

/** The entry that a header block tells of, or the extended header before it; `undefined` for the end. */
export function parseHeader(block: Buffer): (TarEntry & { readonly isExtended: boolean }) | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  const expected = Number.parseInt(block.toString("latin1", 148, 156), 8);
  const blank = Buffer.from(block).fill(" ", 148, 156);
  if (checksum(blank) !== expected) throw new Error("a header of the archive is damaged");
  const type = block.toString("latin1", 156, 157);
  if (type !== "0" && type !== "5" && type !== "x") {
    throw new Error(`the archive holds an entry of type ${JSON.stringify(type)}`);
  }
  return {
    path: block.toString("utf8", 0, maximumNameBytes).replace(/\0.*$/s, "").replace(/\/$/, ""),
    type: type === "5" ? "directory" : "file",
    size: Number.parseInt(block.toString("latin1", 124, 135), 8),
    modified: Number.parseInt(block.toString("latin1", 136, 147), 8),
    isExtended: type === "x",
  };
}

/** What an extended header says of the entry after it. */
export function parseExtended(content: Buffer): { path?: string; size?: number } {
  const found: { path?: string; size?: number } = {};
  for (let start = 0; start < content.length; ) {
    const space = content.indexOf(" ", start);
    const end = start + Number(content.toString("latin1", start, space));
    if (space < 0 || !(end > space && end <= content.length)) {
      throw new Error("an extended header of the archive is damaged");
    }
    const [key, value = ""] = content.toString("utf8", space + 1, end - 1).split(/=(.*)/s);
    if (key === "path") found.path = value.replace(/\/$/, "");
    if (key === "size") found.size = Number(value);
    start = end;
  }
  return found;
}
