import { Data, type DataSettings, type FilterName, filters } from "./data.ts";

/** The exact results of every question by float32, under every filter. */
export type Truth = Record<FilterName, ReadonlySet<number>[]>;

/** Questions per pass over a row: as many as stay in the cache beside it. */
const block = 64;

export function findTruth(
  settings: DataSettings,
  questions: readonly Float32Array[],
  topK: number,
  similarity: "COSINE" | "DOT_PRODUCT" | "EUCLIDEAN" = "COSINE",
): Truth {
  const data = new Data(settings);
  const names = Object.keys(filters) as FilterName[];
  const best = names.map(() => questions.map(() => new Best(topK)));
  const rows: { row: number; vector: Float32Array; scale: number; offset: number; accepted: boolean[] }[] =
    [];
  const values = new Float64Array(block);
  for (let row = 0; row < settings.rowCount; row++) {
    const { vector, metadata } = data.next();
    const accepted = names.map((name) => {
      const filter = filters[name];
      return filter === undefined || metadata[filter.field] === filter.value;
    });
    const squares = product(vector, vector);
    // What orders rows as the similarity does, given the question: by their distance, 2 · product - squares.
    const scale = similarity === "COSINE" ? 1 / Math.sqrt(squares) : similarity === "EUCLIDEAN" ? 2 : 1;
    rows.push({ row, vector, scale, offset: similarity === "EUCLIDEAN" ? squares : 0, accepted });
    if (rows.length < block && row + 1 < settings.rowCount) continue;
    for (const [place, question] of questions.entries()) {
      products(
        question,
        rows.map(({ vector }) => vector),
        values,
      );
      for (const [turn, candidate] of rows.entries()) {
        for (let name = 0; name < names.length; name++) {
          if (candidate.accepted[name])
            best[name]![place]!.offer(candidate.row, values[turn]! * candidate.scale - candidate.offset);
        }
      }
    }
    rows.length = 0;
  }
  return Object.fromEntries(
    names.map((name, place) => [name, best[place]!.map((one) => one.rows())]),
  ) as Truth;
}

/** The share of the true results that were found. */
export function recall(found: readonly number[][], truth: readonly ReadonlySet<number>[]): number {
  let wanted = 0;
  let hits = 0;
  for (const [place, rows] of found.entries()) {
    wanted += truth[place]!.size;
    hits += new Set(rows.filter((row) => truth[place]!.has(row))).size;
  }
  return hits / wanted;
}

/** The rows of highest value, few enough to be kept in order. */
class Best {
  readonly #count: number;
  readonly #kept: { row: number; value: number }[] = [];

  constructor(count: number) {
    this.#count = count;
  }

  offer(row: number, value: number): void {
    const kept = this.#kept;
    if (kept.length === this.#count && value <= kept[kept.length - 1]!.value) return;
    let place = kept.length;
    while (place > 0 && kept[place - 1]!.value < value) place--;
    kept.splice(place, 0, { row, value });
    if (kept.length > this.#count) kept.pop();
  }

  rows(): ReadonlySet<number> {
    return new Set(this.#kept.map(({ row }) => row));
  }
}

/** In double precision, four vectors at a time. */
function products(question: Float32Array, vectors: readonly Float32Array[], values: Float64Array): void {
  let turn = 0;
  for (; turn + 3 < vectors.length; turn += 4) {
    const [one, two, three, four] = [
      vectors[turn]!,
      vectors[turn + 1]!,
      vectors[turn + 2]!,
      vectors[turn + 3]!,
    ];
    let [first, second, third, fourth] = [0, 0, 0, 0];
    for (let place = 0; place < question.length; place++) {
      const component = question[place]!;
      first += component * one[place]!;
      second += component * two[place]!;
      third += component * three[place]!;
      fourth += component * four[place]!;
    }
    values[turn] = first;
    values[turn + 1] = second;
    values[turn + 2] = third;
    values[turn + 3] = fourth;
  }
  for (; turn < vectors.length; turn++) values[turn] = product(question, vectors[turn]!);
}

function product(left: Float32Array, right: Float32Array): number {
  let sum = 0;
  for (let place = 0; place < left.length; place++) sum += left[place]! * right[place]!;
  return sum;
}
