/** Similarities from inner products of codes. */

import { addressOf, areAdjacent, squaredNormsAt } from "./chunks.ts";

/** Metrics, as `pickSimilar` takes them; by any other number it is the squared distance, its sign turned. */
const cosine: u32 = 0;
const innerProduct: u32 = 1;

/** More than rounding changes the square of a number by, relatively. */
const doubt: f64 = 1e-12;

/**
 * Of rows whose codes were compared, those that may be as similar as `floor`, with their similarities by the formulas of
 * index/dense/metric.ts. What is no number is among them. The inner product may be off by
 * byScale · scale + √(byNorm · n + byAngle · (n · m - p²)), where n and m are the squared norms of the row and of the
 * query and p is the inner product.
 *
 * @param rows in: u32[count]; out: those that are left
 * @param products i32[count], inner products of the codes
 * @param chunks the table of chunks
 * @param scaleAt the byte in an entry that names the scales of the codes compared: f32, the value of one step of a code
 * @param factor the value of one step of the query's code
 * @param similarities out: f64[count]
 * @returns how many are left
 */
export function pickSimilar(
  rows: usize,
  products: usize,
  count: u32,
  chunks: usize,
  scaleAt: usize,
  metric: u32,
  factor: f64,
  querySquaredNorm: f64,
  byScale: f64,
  byNorm: f64,
  byAngle: f64,
  floor: f64,
  similarities: usize,
): u32 {
  let picked: u32 = 0;
  // The last part of the error is at most √(widest · n).
  const widest = byNorm + byAngle * querySquaredNorm;
  const slope = floor * sqrt(querySquaredNorm) - sqrt(widest);
  for (let first: u32 = 0; first < count; first += 4) {
    let left: i32 = count - first < 4 ? (1 << (count - first)) - 1 : 15;
    if (left === 15 && areAdjacent(rows + (first << 2))) {
      const row = load<u32>(rows + (first << 2));
      const scales = addressOf(chunks, row, scaleAt, 4);
      const squaredNorms = addressOf(chunks, row, squaredNormsAt, 4);
      for (let pair: i32 = 0; pair < 4; pair += 2) {
        const far = areFar(
          f64x2.convert_low_i32x4_s(v128.load64_zero(products + ((first + pair) << 2))),
          f64x2.promote_low_f32x4(v128.load64_zero(scales + (pair << 2))),
          f64x2.promote_low_f32x4(v128.load64_zero(squaredNorms + (pair << 2))),
          metric,
          factor,
          querySquaredNorm,
          byScale,
          widest,
          slope,
          floor,
        );
        left &= ~(i64x2.bitmask(far) << pair);
      }
    }
    for (; left !== 0; left &= left - 1) {
      const place = first + ctz(left);
      const row = load<u32>(rows + (place << 2));
      const scale = <f64>load<f32>(addressOf(chunks, row, scaleAt, 4));
      const squaredNorm = <f64>load<f32>(addressOf(chunks, row, squaredNormsAt, 4));
      const product = <f64>load<i32>(products + (place << 2)) * scale * factor;
      const most = product + byScale * scale;
      // Most rows are far below the floor: they need no root and no division, unless they are out of float32's range.
      if (metric === cosine) {
        const square = slope * slope * squaredNorm * (1 - doubt);
        if (slope > 0 && square < Infinity && (most < 0 || most * most < square)) continue;
      } else {
        const needed = metric === innerProduct ? floor : (floor + squaredNorm + querySquaredNorm) / 2;
        const gap = needed - most;
        if (gap > 0 && gap * gap * (1 - doubt) > widest * squaredNorm) continue;
      }
      const across = max(0, squaredNorm * querySquaredNorm - product * product);
      const error = byScale * scale + sqrt(byNorm * squaredNorm + byAngle * across);
      if (similarityOf(product + error, metric, squaredNorm, querySquaredNorm) < floor) continue;
      store<u32>(rows + (picked << 2), row);
      store<f64>(similarities + (picked << 3), similarityOf(product, metric, squaredNorm, querySquaredNorm));
      picked++;
    }
  }
  return picked;
}

/** Of two rows, those that are far below the floor, as `pickSimilar` finds it for one. */
function areFar(
  products: v128,
  scales: v128,
  squaredNorms: v128,
  metric: u32,
  factor: f64,
  querySquaredNorm: f64,
  byScale: f64,
  widest: f64,
  slope: f64,
  floor: f64,
): v128 {
  const product = f64x2.mul(f64x2.mul(products, scales), f64x2.splat(factor));
  const most = f64x2.add(product, f64x2.mul(f64x2.splat(byScale), scales));
  if (metric === cosine) {
    if (!(slope > 0)) return i64x2.splat(0);
    const square = f64x2.mul(f64x2.mul(f64x2.splat(slope * slope), squaredNorms), f64x2.splat(1 - doubt));
    const isBelow = v128.or(f64x2.lt(most, f64x2.splat(0)), f64x2.lt(f64x2.mul(most, most), square));
    return v128.and(f64x2.lt(square, f64x2.splat(Infinity)), isBelow);
  }
  let needed = f64x2.splat(floor);
  if (metric !== innerProduct) {
    needed = f64x2.add(f64x2.add(needed, squaredNorms), f64x2.splat(querySquaredNorm));
    needed = f64x2.mul(needed, f64x2.splat(0.5));
  }
  const gap = f64x2.sub(needed, most);
  const square = f64x2.mul(f64x2.mul(gap, gap), f64x2.splat(1 - doubt));
  const widestSquare = f64x2.mul(f64x2.splat(widest), squaredNorms);
  return v128.and(f64x2.gt(gap, f64x2.splat(0)), f64x2.gt(square, widestSquare));
}

function similarityOf(product: f64, metric: u32, squaredNorm: f64, querySquaredNorm: f64): f64 {
  if (metric === innerProduct) return product;
  if (metric !== cosine) return 2 * product - squaredNorm - querySquaredNorm;
  const squares = squaredNorm * querySquaredNorm;
  return squares === 0 ? 0 : product / sqrt(squares);
}
