/** Where the parts of a row lie: the table of chunks (index/dense/codes.ts). */

/** Rows of a chunk are 2¹²; its entry in the table has 2⁵ bytes, u32 addresses of its parts. */
const chunkShift: u32 = 12;
const rowMask: u32 = (1 << chunkShift) - 1;
const entryShift: u32 = 5;

/** Bytes in an entry at which it names a part of the chunk. */
export const frontAt: usize = 0;
export const backAt: usize = 4;
export const bytesAt: usize = 8;
export const squaredNormsAt: usize = 12;

/**
 * The address of a row in one part of its chunk.
 * @param stride bytes of the part for each row
 */
export function addressOf(chunks: usize, row: u32, part: usize, stride: usize): usize {
  const entry = chunks + ((<usize>(row >> chunkShift)) << entryShift);
  return <usize>load<u32>(entry + part) + <usize>(row & rowMask) * stride;
}

/** Whether four rows follow each other in one chunk. */
export function areAdjacent(rows: usize): bool {
  const first = load<u32>(rows);
  const followers = i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3));
  return (first & rowMask) <= rowMask - 3 && i32x4.all_true(i32x4.eq(v128.load(rows), followers));
}
