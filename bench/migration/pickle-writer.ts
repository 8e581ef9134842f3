/** What `index_metadata.pickle` holds. */
export interface IndexMetadataContent {
  readonly dimension: number;
  readonly elementsAdded: number;
  readonly lastSequence: number;
  readonly labels: ReadonlyMap<string, number>;
  readonly sequences: ReadonlyMap<string, number>;
}

const mark = Buffer.from("(");
const setItems = Buffer.from("u");
const emptyDictionary = Buffer.from("}");
const memoize = Buffer.from([0x94]);

/** As Python 0.4 to 0.6 writes it: an object, protocol 4, a thousand pairs at a time, texts referred back to. */
export function pickleAsPython(content: IndexMetadataContent, version: "0.4" | "0.6"): Buffer {
  const parts: Buffer[] = [Buffer.from([0x80, 4])];
  const memo = new Map<string, number>();
  let memoized = 0;
  const remember = (text?: string) => {
    if (text !== undefined) memo.set(text, memoized);
    memoized++;
    parts.push(memoize);
  };
  const text = (value: string) => {
    const known = memo.get(value);
    if (known !== undefined) {
      parts.push(known < 256 ? Buffer.from([0x68, known]) : withUint32(0x6a, known));
      return;
    }
    parts.push(shortOrLongText(value));
    remember(value);
  };
  const value = (item: string | number) => {
    if (typeof item === "string") text(item);
    else parts.push(wholeNumber(item));
  };
  const dictionary = (name: string, pairs: [string | number, string | number][]) => {
    text(name);
    parts.push(emptyDictionary);
    remember();
    for (let start = 0; start < pairs.length; start += 1_000) {
      const batch = pairs.slice(start, start + 1_000);
      if (batch.length > 1) parts.push(mark);
      for (const [key, item] of batch) {
        value(key);
        value(item);
      }
      parts.push(batch.length > 1 ? setItems : Buffer.from("s"));
    }
  };
  text("chromadb.segment.impl.vector.local_persistent_hnsw");
  text("PersistentData");
  parts.push(Buffer.from([0x93]));
  remember();
  parts.push(Buffer.from([0x29, 0x81]));
  remember();
  parts.push(emptyDictionary);
  remember();
  parts.push(mark);
  text("dimensionality");
  value(content.dimension);
  text("total_elements_added");
  value(content.elementsAdded);
  if (version === "0.4") {
    text("max_seq_id");
    value(content.lastSequence);
  }
  dictionary("id_to_label", [...content.labels]);
  dictionary(
    "label_to_id",
    [...content.labels].map(([id, label]) => [label, id]),
  );
  dictionary("id_to_seq_id", [...content.sequences]);
  parts.push(setItems, Buffer.from("b."));
  return Buffer.concat(parts);
}

/** As versions from 1.0 write it: a plain dictionary, protocol 3, every text in full. */
export function pickleAsRust(content: IndexMetadataContent): Buffer {
  const parts: Buffer[] = [Buffer.from([0x80, 3]), emptyDictionary, mark];
  const value = (item: string | number) =>
    parts.push(typeof item === "string" ? longText(item) : wholeNumber(item));
  const dictionary = (name: string, pairs: [string | number, string | number][]) => {
    value(name);
    parts.push(emptyDictionary, mark);
    for (const pair of pairs) for (const item of pair) value(item);
    parts.push(setItems);
  };
  value("dimensionality");
  value(content.dimension);
  value("total_elements_added");
  value(content.elementsAdded);
  value("max_seq_id");
  parts.push(Buffer.from("N"));
  dictionary("id_to_label", [...content.labels]);
  dictionary(
    "label_to_id",
    [...content.labels].map(([id, label]) => [label, id]),
  );
  dictionary("id_to_seq_id", []);
  parts.push(setItems, Buffer.from("."));
  return Buffer.concat(parts);
}

function shortOrLongText(text: string): Buffer {
  const bytes = Buffer.from(text);
  return bytes.length < 256 ? Buffer.concat([Buffer.from([0x8c, bytes.length]), bytes]) : longText(text);
}

function longText(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([withUint32(0x58, bytes.length), bytes]);
}

function wholeNumber(value: number): Buffer {
  if (value < 256) return Buffer.from([0x4b, value]);
  if (value < 65_536) return Buffer.from([0x4d, value & 255, value >> 8]);
  return withUint32(0x4a, value);
}

function withUint32(opcode: number, value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.writeUInt8(opcode);
  bytes.writeUInt32LE(value, 1);
  return bytes;
}
