/** What Chroma keeps of a record beside id and vector. */
export interface RecordContent {
  text?: string;
  readonly metadata: Record<string, unknown>;
  /** Why it cannot be read as it is. */
  fault?: string;
}

/** What to do with whole numbers past 2^53, which Chroma stores and a number of JavaScript does not hold. */
export type LargeIntegers = "refuse" | "text";

/** One value of a record: exactly one of the four is there. */
export type StoredValue = readonly [
  text: string | null,
  /** As text where it is past 2^53. */
  integer: number | string | null,
  float: number | null,
  bool: number | null,
];

/** Chroma keeps the document of a record among its metadata, under this key. */
const documentKey = "chroma:document";

export function emptyContent(): RecordContent {
  return { metadata: {} };
}

/** Sets a value that was read from the tables. */
export function setStored(
  content: RecordContent,
  key: string,
  stored: StoredValue,
  largeIntegers: LargeIntegers,
): void {
  setPlain(content, key, toPlain(content, key, stored, largeIntegers));
}

/** Adds a value to an array that was read from the tables. */
export function appendStored(
  content: RecordContent,
  key: string,
  stored: StoredValue,
  largeIntegers: LargeIntegers,
): void {
  const value = toPlain(content, key, stored, largeIntegers);
  const before = Object.hasOwn(content.metadata, key) ? content.metadata[key] : undefined;
  if (Array.isArray(before)) before.push(value);
  else setPlain(content, key, [value]);
}

/** Merges what a change in the queue carries; `null` removes a key. */
export function mergeChanges(content: RecordContent, changes: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(changes)) {
    if (value !== null) {
      if (!isMetadataValue(value))
        content.fault = `its metadata ${JSON.stringify(key)} is of a kind that is not known`;
      setPlain(content, key, value);
    } else if (key === documentKey) delete content.text;
    else delete content.metadata[key];
  }
}

function toPlain(
  content: RecordContent,
  key: string,
  [text, integer, float, bool]: StoredValue,
  largeIntegers: LargeIntegers,
): unknown {
  if (typeof integer === "string" && largeIntegers === "refuse") {
    content.fault = `its metadata ${JSON.stringify(key)} is the whole number ${integer}, which is past 2^53 and would be rounded`;
  }
  return text ?? integer ?? float ?? (bool === null ? null : bool === 1);
}

function setPlain(content: RecordContent, key: string, value: unknown): void {
  if (key === documentKey) {
    if (typeof value === "string") content.text = value;
    else content.fault = "its document is no text";
    return;
  }
  // A key named __proto__ is data like any other.
  Object.defineProperty(content.metadata, key, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}

function isMetadataValue(value: unknown): boolean {
  return Array.isArray(value) ? value.every(isScalar) : isScalar(value);
}

function isScalar(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}
