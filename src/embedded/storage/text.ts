const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A text as SQLite keeps it whole: its own text ends at U+0000, its bytes do not. */
export function textToColumn(text: string | undefined): string | Uint8Array | null {
  if (text === undefined) return null;
  return text.includes("\0") ? encoder.encode(text) : text;
}

export function textFromColumn(value: string | Uint8Array | null): string | undefined {
  if (value === null) return undefined;
  return typeof value === "string" ? value : decoder.decode(value);
}
