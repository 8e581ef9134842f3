const utf16Marks: readonly string[] = ["fffe", "feff"];

/**
 * The text of a UTF-8 file, without a byte order mark. Node's own decoder replaces what it cannot read by `U+FFFD`.
 *
 * @throws {Error} a phrase that says what the bytes are instead
 */
export function decodeText(bytes: Buffer): string {
  if (utf16Marks.includes(bytes.toString("hex", 0, 2)))
    throw new Error("it is UTF-16 text; save it as UTF-8");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Error("it is not UTF-8 text; save it as UTF-8", { cause });
  }
}
