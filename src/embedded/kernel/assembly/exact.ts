/**
 * Exact arithmetic on float32 vectors, in the order of their components and without fused multiply-add
 * (index/similarity.ts): a lane for each of four vectors.
 */

/**
 * @param query f32[count]
 * @param vectors f32[4][stride / 4], of which the first `count` of each are its components
 * @param stride bytes of a vector, a multiple of 16
 * @param sums out: f32[4], the inner products
 */
export function dotProducts(query: usize, vectors: usize, stride: usize, count: u32, sums: usize): void {
  v128.store(sums, sumsOfFour(query, vectors, stride, count, false));
}

/** The same for squared distances. */
export function squaredDistances(query: usize, vectors: usize, stride: usize, count: u32, sums: usize): void {
  v128.store(sums, sumsOfFour(query, vectors, stride, count, true));
}

function sumsOfFour(query: usize, vectors: usize, stride: usize, count: u32, areDistances: bool): v128 {
  let sums = f32x4.splat(0);
  // Lanes past the last component are read, and not used.
  for (let first: u32 = 0; first < count; first += 4) {
    const place = vectors + (first << 2);
    const one = v128.load(place);
    const two = v128.load(place + stride);
    const three = v128.load(place + 2 * stride);
    const four = v128.load(place + 3 * stride);
    // Pairs of components, then one component of each vector.
    const lowOneTwo = i32x4.shuffle(one, two, 0, 4, 1, 5);
    const highOneTwo = i32x4.shuffle(one, two, 2, 6, 3, 7);
    const lowThreeFour = i32x4.shuffle(three, four, 0, 4, 1, 5);
    const highThreeFour = i32x4.shuffle(three, four, 2, 6, 3, 7);
    const component = query + (first << 2);
    sums = added(sums, component, i64x2.shuffle(lowOneTwo, lowThreeFour, 0, 2), areDistances);
    if (first + 1 < count)
      sums = added(sums, component + 4, i64x2.shuffle(lowOneTwo, lowThreeFour, 1, 3), areDistances);
    if (first + 2 < count)
      sums = added(sums, component + 8, i64x2.shuffle(highOneTwo, highThreeFour, 0, 2), areDistances);
    if (first + 3 < count)
      sums = added(sums, component + 12, i64x2.shuffle(highOneTwo, highThreeFour, 1, 3), areDistances);
  }
  return sums;
}

function added(sums: v128, component: usize, others: v128, areDistances: bool): v128 {
  const queried = v128.load32_splat(component);
  if (!areDistances) return f32x4.add(sums, f32x4.mul(queried, others));
  const difference = f32x4.sub(queried, others);
  return f32x4.add(sums, f32x4.mul(difference, difference));
}
