/**
 * What the bits of a row reveal about its similarity, learned from the candidates of the current query: the
 * regression line of similarity over what the bits predict, and the spread around it. It answers how
 * many of the rows left out are likely to be better than a given similarity. On vectors without
 * structure the two are jointly normal and the line is exact; on clustered ones the candidates far
 * from the query, next to the rows left out, outnumber its own cluster.
 */
export class TailModel {
  #count = 0;
  #meanPredicted = 0;
  #meanSimilarity = 0;
  #squaresPredicted = 0;
  #squaresSimilarity = 0;
  #products = 0;

  /** Adds one candidate (Welford's running sums). */
  add(predicted: number, similarity: number): void {
    this.#count++;
    const fromPredicted = predicted - this.#meanPredicted;
    const fromSimilarity = similarity - this.#meanSimilarity;
    this.#meanPredicted += fromPredicted / this.#count;
    this.#meanSimilarity += fromSimilarity / this.#count;
    this.#squaresPredicted += fromPredicted * (predicted - this.#meanPredicted);
    this.#squaresSimilarity += fromSimilarity * (similarity - this.#meanSimilarity);
    this.#products += fromPredicted * (similarity - this.#meanSimilarity);
  }

  /** How likely a row is better than `similarity`, by what its bits predict. */
  chanceAbove(similarity: number): (predicted: number) => number {
    const slope = this.#squaresPredicted === 0 ? 0 : this.#products / this.#squaresPredicted;
    const squares = Math.max(0, this.#squaresSimilarity - slope * this.#products);
    const deviation = Math.sqrt(squares / Math.max(1, this.#count - 2));
    const level = similarity - this.#meanSimilarity + slope * this.#meanPredicted;
    return (predicted) => upperTail(level - slope * predicted, deviation);
  }
}

/** P(X > distance) of a normal variable of mean 0; from above, by Sampford's bound (1953). */
export function upperTail(distance: number, deviation: number): number {
  if (distance <= 0) return 1;
  if (deviation === 0) return 0;
  const z = distance / deviation;
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  return (4 * density) / (3 * z + Math.sqrt(z * z + 8));
}
