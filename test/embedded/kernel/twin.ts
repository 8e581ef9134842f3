/** The functions of src/embedded/kernel/assembly in plain TypeScript: slow, and easy to believe. */

const round = Math.fround;

export function hammingDistances(
  query: Uint8Array,
  codes: readonly Uint8Array[],
  accepted: Uint8Array,
  flag: number,
): number[] {
  return codes.map((code, row) => (accepted[row] === 1 ? hammingDistance(query, code) | flag : 0xffff));
}

export function completeDistances(
  query: Uint8Array,
  codes: readonly Uint8Array[],
  most: number,
  distances: readonly number[],
): number[] {
  return distances.map((distance, row) => {
    const front = distance - 0x8000;
    return 0 <= front && front <= most ? front + hammingDistance(query, codes[row] as Uint8Array) : distance;
  });
}

function hammingDistance(left: Uint8Array, right: Uint8Array): number {
  let distance = 0;
  for (const [place, byte] of left.entries()) {
    for (let bits = byte ^ (right[place] as number); bits !== 0; bits &= bits - 1) distance++;
  }
  return distance;
}

export function countKeys(keys: Uint16Array, histogram: Uint32Array): Uint32Array {
  return histogram.map((count, key) => count + keys.filter((other) => other === key).length);
}

export function pickKeys(keys: Uint16Array, low: number, high: number): number[] {
  return [...keys.keys()].filter((row) => low <= (keys[row] as number) && (keys[row] as number) < high);
}

export function smallestKey(keys: Uint16Array): number {
  return keys.indexOf(Math.min(...keys));
}

export function pickMarked(marks: Uint8Array): number[] {
  return [...marks.keys()].filter((row) => marks[row] === 1);
}

/** A row whose codes were compared. */
export interface ComparedRow {
  readonly product: number;
  readonly scale: number;
  readonly squaredNorm: number;
}

/** By metric: cosine, inner product, squared distance with its sign turned. */
const similarities = [
  (product: number, squaredNorm: number, other: number) =>
    squaredNorm * other === 0 ? 0 : product / Math.sqrt(squaredNorm * other),
  (product: number) => product,
  (product: number, squaredNorm: number, other: number) => 2 * product - squaredNorm - other,
];

/** How far an inner product may be off. */
export interface ProductError {
  readonly byScale: number;
  readonly byNorm: number;
  readonly byAngle: number;
}

export function pickSimilar(
  rows: readonly ComparedRow[],
  metric: number,
  query: { readonly factor: number; readonly squaredNorm: number },
  { byScale, byNorm, byAngle }: ProductError,
  floor: number,
): { place: number; similarity: number }[] {
  const similarity = similarities[metric] as (typeof similarities)[0];
  return rows
    .map((row, place) => {
      const product = row.product * row.scale * query.factor;
      const across = Math.max(0, row.squaredNorm * query.squaredNorm - product * product);
      const error = byScale * row.scale + Math.sqrt(byNorm * row.squaredNorm + byAngle * across);
      return {
        place,
        similarity: similarity(product, row.squaredNorm, query.squaredNorm),
        most: similarity(product + error, row.squaredNorm, query.squaredNorm),
      };
    })
    .filter(({ most }) => !(most < floor))
    .map(({ place, similarity: found }) => ({ place, similarity: found }));
}

export function byteProducts(
  query: Int16Array,
  codes: readonly Int8Array[],
  positions: readonly number[],
): number[] {
  return positions.map((position) =>
    query.reduce((sum, component, place) => (sum + component * (codes[position]?.[place] as number)) | 0, 0),
  );
}

/** Inner products with the signs of rows: a set bit is -1. */
export function bitProducts(
  query: Int8Array,
  codes: readonly Uint8Array[],
  positions: readonly number[],
): number[] {
  return positions.map((position) =>
    query.reduce((sum, component, place) => {
      const bit = ((codes[position]?.[place >> 3] as number) >> (place & 7)) & 1;
      return sum + (bit === 1 ? -component : component);
    }, 0),
  );
}

/** One bit of every value, packed. */
export function bitsOf(values: Int8Array | Int16Array, plane: number): Uint8Array {
  const bits = new Uint8Array(values.length / 8);
  for (const [place, value] of values.entries()) {
    bits[place >> 3] = (bits[place >> 3] as number) | (((value >> plane) & 1) << (place & 7));
  }
  return bits;
}

/** Each round: the factors of the round, then the Walsh-Hadamard transform, over the first or last `span` components. */
export function rotate(
  vector: Float32Array,
  span: number,
  factors: Float32Array,
  rounds: number,
): Float32Array {
  const rotated = Float32Array.from(vector);
  for (let round = 0; round < rounds; round++) {
    const first = round % 2 === 0 ? 0 : vector.length - span;
    const part = rotated.subarray(first, first + span);
    for (let place = 0; place < span; place++) {
      part[place] = (part[place] as number) * (factors[round * span + place] as number);
    }
    for (let half = 1; half < span; half *= 2) {
      for (let place = 0; place < span; place++) {
        if ((place & half) !== 0) continue;
        const [left, right] = [part[place] as number, part[place + half] as number];
        part[place] = left + right;
        part[place + half] = left - right;
      }
    }
  }
  return rotated;
}

/** In float32, each fourth component apart, as the kernel's lanes add them. */
export function sumOfMagnitudes(vector: Float32Array): number {
  const [first = 0, second = 0, third = 0, fourth = 0] = [0, 1, 2, 3].map((lane) =>
    vector.reduce((sum, value, place) => (place % 4 === lane ? round(sum + Math.abs(value)) : sum), 0),
  );
  return round(round(first + second) + round(third + fourth));
}

export function signBits(vector: Float32Array): Uint8Array {
  const bits = new Uint8Array(Math.ceil(vector.length / 8));
  for (const [place, component] of vector.entries()) {
    if (component < 0 || Object.is(component, -0))
      bits[place >> 3] = (bits[place >> 3] as number) | (1 << (place & 7));
  }
  return bits;
}

/** The bytes dealt out: after each, the front has its share of those so far, rounded down. */
export function inPlanes(bits: Uint8Array, backStride: number): { front: Uint8Array; back: Uint8Array } {
  const frontStride = bits.length - backStride;
  const front: number[] = [];
  const back: number[] = [];
  for (const [place, byte] of bits.entries()) {
    const share = Math.floor(((place + 1) * frontStride) / bits.length);
    (front.length < share ? front : back).push(byte);
  }
  return { front: Uint8Array.from(front), back: Uint8Array.from(back) };
}

export function quantize(vector: Float32Array): { codes: Int8Array; scale: number } {
  const largest = vector.reduce((maximum, component) => Math.max(maximum, Math.abs(component)), 0);
  const inverse = round(127 / largest);
  if (!(inverse > 0 && inverse < Number.POSITIVE_INFINITY))
    return { codes: new Int8Array(vector.length), scale: 0 };
  return {
    codes: Int8Array.from(vector, (component) => roundHalfToEven(round(component * inverse))),
    scale: round(largest / 127),
  };
}

export function quantizeWide(vector: Float32Array, largest: number): { codes: Int16Array; scale: number } {
  const magnitude = vector.reduce((maximum, component) => Math.max(maximum, Math.abs(component)), 0);
  const scale = magnitude / largest;
  const inverse = scale === 0 ? 0 : 1 / scale;
  return { codes: Int16Array.from(vector, (component) => roundHalfToEven(component * inverse)), scale };
}

function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? below + 1 : below;
}

/** Places of the codes that differ from the query in no more than `most` bits. */
export function pickNear(
  query: Uint8Array,
  codes: readonly Uint8Array[],
  positions: readonly number[],
  most: number,
): number[] {
  return positions.filter((position) => hammingDistance(query, codes[position] as Uint8Array) <= most);
}

/** Cells by bin, the highest first, and the rows of each bin. */
export function orderCells(
  bins: Uint8Array,
  sizes: Uint32Array,
  binCount: number,
): { order: number[]; rowsByBin: number[] } {
  return {
    order: [...bins.keys()].sort((left, right) => (bins[right] as number) - (bins[left] as number)),
    rowsByBin: Array.from({ length: binCount }, (_, bin) =>
      sizes.reduce((sum, size, cell) => (bins[cell] === bin ? sum + size : sum), 0),
    ),
  };
}
