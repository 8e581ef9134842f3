import { isDeepStrictEqual } from "node:util";
import type { Metadata, StoreRecord, Vector } from "../../store/document.ts";
import { lengthOf } from "./metric.ts";

/** What two records of one id may differ in. */
export type RecordPart = "text" | "metadata" | "vector";

/** Relative to the length of the vector: float32 that went through decimal text and back is closer. */
const vectorTolerance = 1e-6;

/** What the lengths of vectors are like; cosine and distance agree where all are equal. */
export interface NormSummary {
  readonly count: number;
  readonly minimum: number;
  readonly mean: number;
  readonly maximum: number;
}

/** Which records the sides do not share, and in what those that they share differ. */
export class Inventory {
  readonly missing: Set<string> = new Set();
  readonly extra: Set<string> = new Set();
  readonly altered: ReadonlyMap<RecordPart, Set<string>> = new Map([
    ["text", new Set<string>()],
    ["metadata", new Set<string>()],
    ["vector", new Set<string>()],
  ]);
  /** Records whose vector points the same way and has another length, as where a store normalises. */
  readonly rescaled: Set<string> = new Set();
  readonly #sourceIds = new Set<string>();
  readonly #comparesVectors: boolean;

  /** @param comparesVectors false where the target's vectors are made anew */
  constructor(comparesVectors: boolean) {
    this.#comparesVectors = comparesVectors;
  }

  get sourceCount(): number {
    return this.#sourceIds.size;
  }

  addSource(record: StoreRecord, partner: StoreRecord | undefined): void {
    this.#sourceIds.add(record.id);
    if (!partner) {
      this.missing.add(record.id);
      return;
    }
    if (!isSameText(record, partner)) this.altered.get("text")?.add(record.id);
    if (!isContained(record.metadata, partner.metadata)) this.altered.get("metadata")?.add(record.id);
    if (!this.#comparesVectors) return;
    const relation = compareVectors(record.vector, partner.vector);
    if (relation === "altered") this.altered.get("vector")?.add(record.id);
    if (relation === "rescaled") this.rescaled.add(record.id);
  }

  /** After every record of the source. */
  addTarget(id: string): void {
    if (!this.#sourceIds.has(id)) this.extra.add(id);
  }

  /** Whether both sides hold the same records; what the target has joined to them, and lengths, do not count. */
  get isSound(): boolean {
    const alteredCount = [...this.altered.values()].reduce((sum, ids) => sum + ids.size, 0);
    return this.missing.size + this.extra.size + alteredCount === 0;
  }

  isAltered(id: string, parts: readonly RecordPart[]): boolean {
    return parts.some((part) => this.altered.get(part)?.has(id));
  }
}

/** Gathers lengths of vectors as they pass. */
export class NormCounter {
  #count = 0;
  #sum = 0;
  #minimum = Number.POSITIVE_INFINITY;
  #maximum = 0;

  add({ vector }: StoreRecord): void {
    if (!vector) return;
    const norm = lengthOf(vector);
    this.#count++;
    this.#sum += norm;
    this.#minimum = Math.min(this.#minimum, norm);
    this.#maximum = Math.max(this.#maximum, norm);
  }

  summary(): NormSummary | undefined {
    if (this.#count === 0) return undefined;
    const mean = this.#sum / this.#count;
    return { count: this.#count, minimum: this.#minimum, mean, maximum: this.#maximum };
  }
}

/** The same, or the enriched form of the source's text, which may have been enriched itself, with the original beside it. */
function isSameText(source: StoreRecord, target: StoreRecord): boolean {
  if (source.text === target.text) return true;
  const original = target.metadata?.original_text;
  const own = source.metadata?.original_text ?? source.text;
  return typeof original === "string" && original === own && target.text?.includes(original) === true;
}

/** Whether the target has all that the source has; a join may have added fields. */
function isContained(source: Metadata = {}, target: Metadata = {}): boolean {
  return Object.entries(source).every(([field, value]) => isDeepStrictEqual(value, target[field]));
}

function compareVectors(source?: Vector, target?: Vector): "same" | "rescaled" | "altered" {
  if (!source && !target) return "same";
  if (source?.length !== target?.length || !source || !target) return "altered";
  const [sourceNorm, targetNorm] = [lengthOf(source), lengthOf(target)];
  if (distance(source, 1, target, 1) <= vectorTolerance * sourceNorm) return "same";
  if (sourceNorm === 0 || targetNorm === 0) return "altered";
  return distance(source, sourceNorm, target, targetNorm) <= vectorTolerance ? "rescaled" : "altered";
}

function distance(left: Vector, leftScale: number, right: Vector, rightScale: number): number {
  let squares = 0;
  for (let place = 0; place < left.length; place++) {
    squares += ((left[place] as number) / leftScale - (right[place] as number) / rightScale) ** 2;
  }
  return Math.sqrt(squares);
}
