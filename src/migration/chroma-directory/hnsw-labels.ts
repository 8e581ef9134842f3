import type { BinaryFile } from "./binary-file.ts";
import { damage } from "./faults.ts";
import type { HnswHeader } from "./hnsw-header.ts";

const chunkBytes = 2 ** 20;
/** In the third byte of an element, among the flags of its links. */
const deletedFlag = 1;
const ambiguous = 0xffff_ffff;
/** Stands for the label of a deleted element. */
const deletedLabel = -1;

/** The position in `data_level0.bin` of the element of each label: 4 bytes a label. */
export class HnswLabels {
  /** Position plus one by label; 0 for an unknown label. */
  readonly #positions: Uint32Array;

  /**
   * Reads the whole file once.
   * @param salvage skip elements past the end of the file, and impossible labels
   * @throws {DataError} if the file is shorter than its header says, or a label is impossible
   */
  constructor(file: BinaryFile, header: HnswHeader, salvage: boolean) {
    const { elementBytes } = header;
    const held = Math.floor(file.size / elementBytes);
    if (held < header.count && !salvage) {
      throw damage(file.path, `it holds ${held} elements, and the header says ${header.count}`);
    }
    const count = Math.min(held, header.count);
    const found = readLabels(file, header, count);
    // Labels count the vectors ever added, which the file keeps, the deleted ones too. A rebuilt file may
    // start from higher ones.
    const limit = 16 * count + 2 ** 20;
    for (const [position, label] of found.entries()) {
      if (label <= limit) continue;
      if (!salvage)
        throw damage(file.path, `it holds the label ${label}, which ${count} elements cannot have`);
      found[position] = deletedLabel;
    }
    this.#positions = new Uint32Array(found.reduce((most, label) => Math.max(most, label), 0) + 1);
    for (const [position, label] of found.entries()) {
      if (label === deletedLabel) continue;
      this.#positions[label] = this.#positions[label] === 0 ? position + 1 : ambiguous;
    }
  }

  /** The element of a label, or the reason why it is missing. */
  find(label: number): number | string {
    const found = this.#positions[label] ?? 0;
    if (found === ambiguous) return `two elements carry its label ${label}`;
    return found === 0 ? `no element carries its label ${label}` : found - 1;
  }
}

/** The label of each element; `deletedLabel` for a deleted one. */
function readLabels(
  file: BinaryFile,
  { elementBytes, labelOffset }: HnswHeader,
  count: number,
): Float64Array {
  const labels = new Float64Array(count);
  const each = Math.max(1, Math.floor(chunkBytes / elementBytes));
  const buffer = Buffer.alloc(Math.min(each, count) * elementBytes);
  for (let first = 0; first < count; first += each) {
    const elements = Math.min(each, count - first);
    file.read(buffer.subarray(0, elements * elementBytes), first * elementBytes);
    for (let element = 0; element < elements; element++) {
      const start = element * elementBytes;
      const isDeleted = (buffer.readUInt8(start + 2) & deletedFlag) !== 0;
      labels[first + element] = isDeleted
        ? deletedLabel
        : Number(buffer.readBigUInt64LE(start + labelOffset));
    }
  }
  return labels;
}
