/**
 * Quoted text and names (a doubled quote inside is two adjacent ones), comments, and what is looked for: `?`.
 * Statements of this program have neither dollar quotes nor backslash escapes.
 */
const pieces = /'[^']*'|"[^"]*"|--[^\n]*|\/\*.*?\*\/|\?/gs;

const known = new Map<string, string>();

/** Writes `$1`, `$2` … in place of each `?`. */
export function numberPlaceholders(sql: string): string {
  let numbered = known.get(sql);
  if (numbered === undefined) {
    let count = 0;
    numbered = sql.replace(pieces, (piece) => (piece === "?" ? `$${++count}` : piece));
    known.set(sql, numbered);
  }
  return numbered;
}
