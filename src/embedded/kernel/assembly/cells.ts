/** The cells of a search in the order of their closeness (index/dense/cells). */

/**
 * @param keys u16[count]
 * @param table u8[largest key + 1]
 * @param values out: u8[count], what the table has for each key
 */
export function lookUp(keys: usize, count: u32, table: usize, values: usize): void {
  for (let place: u32 = 0; place < count; place++) {
    store<u8>(values + place, load<u8>(table + load<u16>(keys + (place << 1))));
  }
}

/**
 * Orders cells by their bins, the highest first; in a bin, by their number.
 *
 * @param bins u8[count], below `binCount`
 * @param sizes u32[count], rows of each cell
 * @param starts scratch: u32[binCount]
 * @param order out: u16[count], the numbers of the cells
 * @param rowsByBin out: u32[binCount], rows of all cells of a bin
 */
export function orderCells(
  bins: usize,
  sizes: usize,
  count: u32,
  binCount: u32,
  starts: usize,
  order: usize,
  rowsByBin: usize,
): void {
  memory.fill(starts, 0, binCount << 2);
  memory.fill(rowsByBin, 0, binCount << 2);
  for (let cell: u32 = 0; cell < count; cell++) {
    const bin = (<usize>load<u8>(bins + cell)) << 2;
    store<u32>(starts + bin, load<u32>(starts + bin) + 1);
    store<u32>(rowsByBin + bin, load<u32>(rowsByBin + bin) + load<u32>(sizes + (cell << 2)));
  }
  let start: u32 = 0;
  for (let bin = <i32>binCount - 1; bin >= 0; bin--) {
    const place = starts + (bin << 2);
    const cells = load<u32>(place);
    store<u32>(place, start);
    start += cells;
  }
  for (let cell: u32 = 0; cell < count; cell++) {
    const place = starts + ((<usize>load<u8>(bins + cell)) << 2);
    store<u16>(order + (load<u32>(place) << 1), <u16>cell);
    store<u32>(place, load<u32>(place) + 1);
  }
}
