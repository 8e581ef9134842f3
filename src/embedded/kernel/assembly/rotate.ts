/** The random rotation of vectors (index/dense/rotation.ts). */

/**
 * Turns a vector, in place: each round multiplies `span` components by factors and transforms them by the
 * Walsh-Hadamard matrix; the first ones in rounds 0, 2, ..., the last ones in between.
 *
 * @param vector f32[count]
 * @param span a power of two, up to `count`
 * @param factors f32[rounds][span]
 */
export function rotate(vector: usize, count: usize, span: usize, factors: usize, rounds: u32): void {
  for (let round: u32 = 0; round < rounds; round++) {
    const first = vector + (round & 1 ? (count - span) << 2 : 0);
    const row = factors + ((<usize>round * span) << 2);
    if (span < 4) {
      for (let place: usize = 0; place < span << 2; place += 4) {
        store<f32>(first + place, load<f32>(first + place) * load<f32>(row + place));
      }
      if (span === 2) addAndSubtract(first, first + 4);
      continue;
    }
    for (let place: usize = 0; place < span << 2; place += 16) {
      v128.store(first + place, fourTransformed(f32x4.mul(v128.load(first + place), v128.load(row + place))));
    }
    for (let half: usize = 16; half < span << 2; half <<= 1) {
      for (let start = first; start < first + (span << 2); start += half << 1) {
        for (let place = start; place < start + half; place += 16) {
          const left = v128.load(place);
          const right = v128.load(place + half);
          v128.store(place, f32x4.add(left, right));
          v128.store(place + half, f32x4.sub(left, right));
        }
      }
    }
  }
}

function addAndSubtract(first: usize, second: usize): void {
  const left = load<f32>(first);
  const right = load<f32>(second);
  store<f32>(first, left + right);
  store<f32>(second, left - right);
}

/** The Walsh-Hadamard transform of four lanes: pairs of neighbours, then pairs of pairs. */
function fourTransformed(lanes: v128): v128 {
  const second = f32x4(1, -1, 1, -1);
  const pairs = f32x4.add(
    i32x4.shuffle(lanes, lanes, 0, 0, 2, 2),
    f32x4.mul(i32x4.shuffle(lanes, lanes, 1, 1, 3, 3), second),
  );
  return f32x4.add(
    i32x4.shuffle(pairs, pairs, 0, 1, 0, 1),
    f32x4.mul(i32x4.shuffle(pairs, pairs, 2, 3, 2, 3), f32x4(1, 1, -1, -1)),
  );
}
